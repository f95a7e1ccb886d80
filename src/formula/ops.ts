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
  /**
   * The result in WGSL, given its arguments: float32 as words that hold their bits, masks as truths. The functions are
   * those of `kernels/webgpu/float32.ts`.
   */
  readonly wgsl: (...x: readonly string[]) => string;
}

const rows = {
  add: binary((a, b) => a + b, 0xe4, 0xf0, call("add")),
  sub: binary((a, b) => a - b, 0xe5, 0xf1, call("sub")),
  mul: binary((a, b) => a * b, 0xe6, 0xf2, call("mul")),
  div: binary((a, b) => a / b, 0xe7, 0xf3, call("div")),
  min: binary(Math.min, 0xe8, 0xf4, call("lesser")),
  max: binary(Math.max, 0xe9, 0xf5, call("greater")),
  abs: unary(Math.abs, 0xe0, 0xec, call("magnitude")),
  neg: unary(
    (a) => -a,
    0xe1,
    0xed,
    (a) => `(${a} ^ SIGN)`,
  ),
  sqrt: unary(Math.sqrt, 0xe3, 0xef, call("root")),
  eq: binary((a, b) => Number(a === b), 0x41, 0x47, call("eq")),
  lt: binary((a, b) => Number(a < b), 0x43, 0x49, call("lt")),
  gt: binary(
    (a, b) => Number(a > b),
    0x44,
    0x4a,
    (a, b) => `lt(${b}, ${a})`,
  ),
  le: binary((a, b) => Number(a <= b), 0x45, 0x4b, call("le")),
  ge: binary(
    (a, b) => Number(a >= b),
    0x46,
    0x4c,
    (a, b) => `le(${b}, ${a})`,
  ),
  and: binary(
    (a, b) => a & b,
    0x4e,
    0x4e,
    (a, b) => `(${a} && ${b})`,
  ),
  not: unary(
    (a) => 1 - a,
    0x4d,
    0x4d,
    (a) => `!${a}`,
  ),
  or: binary(
    (a, b) => a | b,
    0x50,
    0x50,
    (a, b) => `(${a} || ${b})`,
  ),
  /** The first argument where the mask, its third, holds, and the second elsewhere: the order vectors take them. */
  where: ternary(
    (yes, no, test) => (test === 1 ? yes : no),
    0x52,
    0x52,
    (yes, no, test) => `select(${no}, ${yes}, ${test})`,
  ),
};

export type OpName = keyof typeof rows;

/** The elementwise operations. Adding one is adding a row above and its cases to the contract tests. */
export const ops: Readonly<Record<OpName, OpRow>> = rows;

/** A call of a function of that name. */
function call(name: string): OpRow["wgsl"] {
  return (...x) => `${name}(${x.join(", ")})`;
}

function unary(
  reference: (a: number) => number,
  float32: number,
  float64: number,
  wgsl: OpRow["wgsl"],
): OpRow {
  return { reference: (...x) => reference(x[0]!), wasm: { float32, float64 }, wgsl };
}

function binary(
  reference: (a: number, b: number) => number,
  float32: number,
  float64: number,
  wgsl: OpRow["wgsl"],
): OpRow {
  return { reference: (...x) => reference(x[0]!, x[1]!), wasm: { float32, float64 }, wgsl };
}

function ternary(
  reference: (a: number, b: number, c: number) => number,
  float32: number,
  float64: number,
  wgsl: OpRow["wgsl"],
): OpRow {
  return { reference: (...x) => reference(x[0]!, x[1]!, x[2]!), wasm: { float32, float64 }, wgsl };
}
