import { PHILOX_MULTIPLIERS, PHILOX_ROUNDS, PHILOX_WEYL } from "../../formula/random.ts";
import { plain, simd } from "./opcodes.ts";
import { lanes32, type Quad, QUADS_PER_STEP } from "./quad.ts";
import type { KernelWriter } from "./writer.ts";

/** The locals of a random stream: vectors of its key, grown for each round. */
export type RoundKeys = readonly (readonly [number, number])[];

/** The keys of all rounds, each word in all lanes, from a key in two locals; to be written before the loop. */
export function writeRoundKeys(writer: KernelWriter, key: readonly [number, number]): RoundKeys {
  return Array.from({ length: PHILOX_ROUNDS }, (_, round) => {
    const word = (index: 0 | 1): number => {
      writer.code.get(key[index]).i32(Math.imul(PHILOX_WEYL[index], round)).op(plain.i32Add);
      writer.code.simd(simd.i32x4Splat);
      return writer.keep();
    };
    return [word(0), word(1)] as const;
  });
}

/**
 * The uniform numbers of a step's elements, four quads of float32: each lane of `counters` is the counter of one quad,
 * whose four words are the quad's elements.
 */
export function writeUniform(
  writer: KernelWriter,
  counters: number,
  countersHigh: number,
  roundKeys: RoundKeys,
): readonly Quad[] {
  writer.constant(0);
  const zero = writer.keep();
  let [a, b, c, d] = [counters, countersHigh, zero, zero];
  for (const [k0, k1] of roundKeys) {
    const first = writeProduct(writer, a, PHILOX_MULTIPLIERS[0]);
    const second = writeProduct(writer, c, PHILOX_MULTIPLIERS[1]);
    writer.code.get(second.high).get(b).simd(simd.v128Xor).get(k0).simd(simd.v128Xor);
    a = writer.keep();
    writer.code.get(first.high).get(d).simd(simd.v128Xor).get(k1).simd(simd.v128Xor);
    c = writer.keep();
    [b, d] = [second.low, first.low];
  }
  return writeTransposed(writer, [a, b, c, d]).map((words) => {
    writer.code.get(words).i32(8).simd(simd.i32x4ShrU).simd(simd.f32x4ConvertI32x4S);
    // 2^-24: 24 bits become a multiple of it below one.
    writer.constant(0x3380_0000).code.simd(simd.f32x4Mul);
    return [writer.keep()];
  });
}

/** The lower and upper words of the products of four words with a constant. */
function writeProduct(
  writer: KernelWriter,
  words: number,
  multiplier: number,
): { low: number; high: number } {
  writer.code.get(words);
  writer.constant(multiplier).code.simd(simd.i64x2ExtmulLowI32x4U);
  const lower = writer.keep();
  writer.code.get(words);
  writer.constant(multiplier).code.simd(simd.i64x2ExtmulHighI32x4U);
  const upper = writer.keep();
  const pick = (lanes: readonly number[]): number => {
    writer.code
      .get(lower)
      .get(upper)
      .simd(simd.i8x16Shuffle, ...lanes32(lanes));
    return writer.keep();
  };
  return { low: pick([0, 2, 4, 6]), high: pick([1, 3, 5, 7]) };
}

/** Four vectors whose lane i is lane j of the i-th given one, for j from 0 to 3. */
function writeTransposed(writer: KernelWriter, rows: readonly number[]): readonly number[] {
  const shuffle = (x: number, y: number, lanes: readonly number[]): number => {
    writer.code
      .get(x)
      .get(y)
      .simd(simd.i8x16Shuffle, ...lanes32(lanes));
    return writer.keep();
  };
  const [a, b, c, d] = rows as readonly [number, number, number, number];
  const halves = [
    [shuffle(a, b, [0, 4, 1, 5]), shuffle(c, d, [0, 4, 1, 5])],
    [shuffle(a, b, [2, 6, 3, 7]), shuffle(c, d, [2, 6, 3, 7])],
  ] as const;
  return Array.from({ length: QUADS_PER_STEP }, (_, quad) => {
    const [x, y] = halves[quad < 2 ? 0 : 1];
    return shuffle(x, y, quad % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]);
  });
}
