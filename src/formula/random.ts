/** A key of the generator: two 32-bit words. */
export type RandomKey = readonly [number, number];

/** Rounds of the generator; the ten its authors recommend. */
export const PHILOX_ROUNDS = 10;

/** Multipliers of the two lanes, and what the key grows by after each round. */
export const PHILOX_MULTIPLIERS = [0xd251_1f53, 0xcd9e_8d57] as const;
export const PHILOX_WEYL = [0x9e37_79b9, 0xbb67_ae85] as const;

/**
 * Four random 32-bit words for a counter of four words: Philox 4x32-10.
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: RandomKey,
): readonly number[] {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < PHILOX_ROUNDS; round++) {
    const [high0, low0] = multiply(PHILOX_MULTIPLIERS[0], a);
    const [high1, low1] = multiply(PHILOX_MULTIPLIERS[1], c);
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0];
    k0 = (k0 + PHILOX_WEYL[0]) >>> 0;
    k1 = (k1 + PHILOX_WEYL[1]) >>> 0;
  }
  return [a, b, c, d];
}

/**
 * The random number of an element: uniform in [0, 1), a multiple of 2^-24, so that float32 holds it exactly. Four
 * neighbouring elements share a counter.
 */
export function uniform(element: number, key: RandomKey): number {
  const group = Math.floor(element / 4);
  const words = philox([group >>> 0, Math.floor(group / 2 ** 32), 0, 0], key);
  return (words[element % 4]! >>> 8) * 2 ** -24;
}

/**
 * The key of one model's random numbers in one tensor: a hash of seed, tensor name and the model's position. So a mask
 * depends on neither shards, chunks, workers nor other tensors.
 */
export function randomKey(seed: number, tensor: string, model: number): RandomKey {
  // Philox as a hash: the name is absorbed four bytes at a time, the seed and the position key and open it.
  const name = new TextEncoder().encode(tensor);
  const padded = new DataView(new ArrayBuffer(Math.ceil(name.length / 4) * 4));
  name.forEach((byte, index) => padded.setUint8(index, byte));
  const seedKey: RandomKey = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  let state = philox([model, name.length, 0, 0], seedKey);
  for (let offset = 0; offset < padded.byteLength; offset += 4) {
    const [a, b, c, d] = state as [number, number, number, number];
    state = philox([(a ^ padded.getUint32(offset, true)) >>> 0, b, c, d], seedKey);
  }
  return [state[0]!, state[1]!];
}

/** The upper and lower 32 bits of a product of two 32-bit numbers. */
function multiply(a: number, b: number): readonly [number, number] {
  const [a1, a0] = [a >>> 16, a & 0xffff];
  const [b1, b0] = [b >>> 16, b & 0xffff];
  const middle = a1 * b0 + Math.floor((a0 * b0) / 65_536);
  const middle2 = a0 * b1 + (middle % 65_536);
  const high = a1 * b1 + Math.floor(middle / 65_536) + Math.floor(middle2 / 65_536);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}
