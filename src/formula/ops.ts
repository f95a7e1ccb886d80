/**
 * All that is known about one elementwise operation, for every backend side by side.
 *
 * Arguments and results are numbers, one per element. Masks are 1 or 0 in the reference, and all ones or all zeros
 * per lane in vectors.
 */
export interface OpRow {
  /**
   * The exact result in float64. In float32 arithmetic it is rounded once more, which is the same as computing in
   * float32: float64 has more than twice its bits (Figueroa, "When is double rounding innocuous?", 1995).
   */
  readonly reference: (...x: readonly number[]) => number;
  /**
   * WebAssembly SIMD opcode (after the 0xfd prefix) on vectors of each precision.
   * Source: https://github.com/WebAssembly/simd/blob/main/proposals/simd/BinarySIMD.md
   */
  readonly wasm: { readonly float32: number; readonly float64: number };
}

const rows = {
  add: binary((a, b) => a + b, 0xe4, 0xf0),
  sub: binary((a, b) => a - b, 0xe5, 0xf1),
  mul: binary((a, b) => a * b, 0xe6, 0xf2),
  div: binary((a, b) => a / b, 0xe7, 0xf3),
  min: binary(Math.min, 0xe8, 0xf4),
  max: binary(Math.max, 0xe9, 0xf5),
  abs: unary(Math.abs, 0xe0, 0xec),
  neg: unary((a) => -a, 0xe1, 0xed),
  sqrt: unary(Math.sqrt, 0xe3, 0xef),
  eq: binary((a, b) => Number(a === b), 0x41, 0x47),
  lt: binary((a, b) => Number(a < b), 0x43, 0x49),
  gt: binary((a, b) => Number(a > b), 0x44, 0x4a),
  le: binary((a, b) => Number(a <= b), 0x45, 0x4b),
  ge: binary((a, b) => Number(a >= b), 0x46, 0x4c),
  and: binary((a, b) => a & b, 0x4e, 0x4e),
  not: unary((a) => 1 - a, 0x4d, 0x4d),
  or: binary((a, b) => a | b, 0x50, 0x50),
  /** The first argument where the mask, its third, holds, and the second elsewhere: the order vectors take them. */
  where: ternary((yes, no, test) => (test === 1 ? yes : no), 0x52, 0x52),
};

export type OpName = keyof typeof rows;

/** The elementwise operations. Adding one is adding a row above and its cases to the contract tests. */
export const ops: Readonly<Record<OpName, OpRow>> = rows;

function unary(reference: (a: number) => number, float32: number, float64: number): OpRow {
  return { reference: (...x) => reference(x[0]!), wasm: { float32, float64 } };
}

function binary(reference: (a: number, b: number) => number, float32: number, float64: number): OpRow {
  return { reference: (...x) => reference(x[0]!, x[1]!), wasm: { float32, float64 } };
}

function ternary(
  reference: (a: number, b: number, c: number) => number,
  float32: number,
  float64: number,
): OpRow {
  return { reference: (...x) => reference(x[0]!, x[1]!, x[2]!), wasm: { float32, float64 } };
}
