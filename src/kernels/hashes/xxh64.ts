/**
 * The primes of XXH64, in the order in which its specification numbers them from 1.
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, "XXH64 algorithm description".
 */
export const XXH64_PRIMES = [
  0x9e37_79b1_85eb_ca87n,
  0xc2b2_ae3d_27d4_eb4fn,
  0x1656_67b1_9e37_79f9n,
  0x85eb_ca77_c2b2_ae63n,
  0x27d4_eb2f_1656_67c5n,
] as const;

const [PRIME_1, PRIME_2, PRIME_3, PRIME_4, PRIME_5] = XXH64_PRIMES;

/** What the four accumulators start from, modulo 2^64, with the seed 0. */
export const XXH64_STARTS = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1] as const;

/** By how many bits to the left the accumulators are rotated before they are added up. */
export const XXH64_ROTATIONS = [1n, 7n, 12n, 18n] as const;

/** Bytes of a lane, which goes to one accumulator, and of a stripe, which has a lane for each of them. */
export const LANE_BYTES = 8;
export const STRIPE_BYTES = 32;

/**
 * XXH64 of `bytes` with the seed 0, written as its specification reads: slow, and the answer that others are held to.
 * It finds accidents and stops no forger, who can make bytes for any hash.
 */
export function xxh64(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let at = 0;
  let hash: bigint = PRIME_5;
  if (length >= STRIPE_BYTES) {
    const accumulators: bigint[] = [...XXH64_STARTS];
    for (; at + STRIPE_BYTES <= length; at += STRIPE_BYTES) {
      for (const [index, accumulator] of accumulators.entries()) {
        accumulators[index] = round(accumulator, view.getBigUint64(at + index * LANE_BYTES, true));
      }
    }
    hash = wrap(XXH64_ROTATIONS.reduce((sum, bits, index) => sum + rotated(accumulators[index]!, bits), 0n));
    for (const accumulator of accumulators) {
      hash = wrap((hash ^ round(0n, accumulator)) * PRIME_1 + PRIME_4);
    }
  }
  hash = wrap(hash + BigInt(length));

  for (; at + LANE_BYTES <= length; at += LANE_BYTES) {
    hash ^= round(0n, view.getBigUint64(at, true));
    hash = wrap(rotated(hash, 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= length) {
    hash ^= wrap(BigInt(view.getUint32(at, true)) * PRIME_1);
    hash = wrap(rotated(hash, 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < length; at++) {
    hash ^= wrap(BigInt(view.getUint8(at)) * PRIME_5);
    hash = wrap(rotated(hash, 11n) * PRIME_1);
  }

  hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

function round(accumulator: bigint, lane: bigint): bigint {
  return wrap(rotated(wrap(accumulator + lane * PRIME_2), 31n) * PRIME_1);
}

/** The 64 bits of `value`, rotated to the left. */
function rotated(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
