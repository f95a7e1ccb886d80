import { simd } from "./opcodes.ts";
import type { KernelWriter } from "./writer.ts";

/** Four neighbouring elements: one local of four float32, or two locals of two float64 each. */
export type Quad = readonly number[];

/** Quads that are stored at once. */
export const QUADS_PER_STEP = 4;

/** The float64 that every NaN is stored as, little-endian. */
const QUIET_NAN_BYTES = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] as const;

/** How float64 become float32: rounded to nearest, or so that rounding once more to 16 bits is as rounding once. */
export type Narrowing = "nearest" | "odd";

/** The two float64 halves of four float32. */
export function widen(writer: KernelWriter, quad: number): Quad {
  return [promoteHalf(writer, quad, 0), promoteHalf(writer, quad, 1)];
}

/** The float64 vector of the lower (0) or upper (1) two of four float32. */
export function promoteHalf(writer: KernelWriter, quad: number, half: number): number {
  writer.code.get(quad);
  if (half === 1) writer.code.get(quad).simd(simd.i8x16Shuffle, ...lanes32([2, 3, 0, 1]));
  writer.code.simd(simd.f64x2PromoteLowF32x4);
  return writer.keep();
}

/** Four float32 of two float64 halves, rounded to nearest or to odd (see `float32BitsRoundedToOdd` in dtype.ts). */
export function narrow(writer: KernelWriter, halves: Quad, rounding: Narrowing): Quad {
  for (const half of halves) {
    writer.code.get(half).simd(simd.f32x4DemoteF64x2Zero);
    if (rounding === "odd") roundToOdd(writer, half, writer.keep());
  }
  writer.code.simd(simd.i8x16Shuffle, ...lanes32([0, 1, 4, 5]));
  return [writer.keep()];
}

/** Leaves on the stack the float32 `nearest`, made odd where it differs from the float64 `exact`. */
function roundToOdd(writer: KernelWriter, exact: number, nearest: number): void {
  const { code } = writer;
  code.get(nearest).simd(simd.f64x2PromoteLowF32x4);
  const back = writer.keep();
  code.get(nearest);
  // All ones, which is minus one as an integer, where the nearest is further from zero than the exact value.
  code.get(back).simd(simd.f64x2Abs).get(exact).simd(simd.f64x2Abs).simd(simd.f64x2Gt);
  lowerWords(writer);
  code.simd(simd.i32x4Add);
  code.get(back).get(exact).simd(simd.f64x2Ne);
  lowerWords(writer);
  writer.constant(1).code.simd(simd.v128And).simd(simd.v128Or);
}

/** Packs the two 64-bit masks on the stack into the lower two 32-bit lanes. */
function lowerWords(writer: KernelWriter): void {
  const mask = writer.keep();
  writer.code
    .get(mask)
    .get(mask)
    .simd(simd.i8x16Shuffle, ...lanes32([0, 2, 0, 2]));
}

/** Leaves the four float32 of `value` on the stack, every NaN replaced by the positive quiet one. */
export function quietNaN(writer: KernelWriter, value: number): void {
  writer.constant(0x7fc0_0000).code.get(value).get(value).get(value).simd(simd.f32x4Ne);
  writer.code.simd(simd.v128Bitselect);
}

/** The same for two float64. */
export function quietDoubleNaN(writer: KernelWriter, value: number): void {
  // Not a shared constant: those have 32 bits, and float64 is rare enough for a slower loop.
  writer.code.simd(simd.v128Const, ...QUIET_NAN_BYTES, ...QUIET_NAN_BYTES);
  writer.code.get(value).get(value).get(value).simd(simd.f64x2Ne).simd(simd.v128Bitselect);
}

/** The quad with every NaN replaced by the positive quiet one. */
export function quietNaNs(writer: KernelWriter, quad: Quad): Quad {
  const quiet = quad.length === 1 ? quietNaN : quietDoubleNaN;
  return quad.map((vector) => {
    quiet(writer, vector);
    return writer.keep();
  });
}

/** Byte numbers of a shuffle that picks 32-bit lanes; lanes 4 to 7 are those of the second vector. */
export function lanes32(lanes: readonly number[]): number[] {
  return lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));
}
