/** Whole numbers that look random and are the same in every run: xorshift32. */
export class FuzzRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  /** One from 0 to `limit` - 1. */
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

/** What a mutation may draw on. */
export interface FuzzMaterial {
  /** Another seed of the same format. */
  readonly other: Uint8Array;
  /** Pieces that mean something in the format. */
  readonly tokens: readonly Uint8Array[];
}

/** Changes `bytes`, which it may write to, and gives the result. */
type Mutation = (bytes: Uint8Array, random: FuzzRandom, material: FuzzMaterial) => Uint8Array;

/** Numbers at the edges of types, and of what readers allow. */
const edges: readonly bigint[] = [0, 1, 2, 7, 8, 16, 31, 32, 53, 62, 63, 64]
  .flatMap((bits) => [2n ** BigInt(bits) - 1n, 2n ** BigInt(bits)])
  .concat([65n, 255n, 1000n, 4096n, 1_000_001n, 100_000_001n]);

/** Mutations that leave all else where it is, which most offsets in a file rely on. */
const inPlace: readonly Mutation[] = [
  function flipBit(bytes, random) {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  function setByte(bytes, random) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  function setDigit(bytes, random) {
    const digits = [...bytes.keys()].filter((at) => bytes[at]! >= 0x30 && bytes[at]! <= 0x39);
    if (digits.length > 0) bytes[random.pick(digits)] = 0x30 + random.below(10);
    return bytes;
  },
  function setNumber(bytes, random) {
    const width = random.pick([1, 2, 4, 8] as const);
    if (bytes.length < width) return bytes;
    write(bytes, random.below(bytes.length - width + 1), width, random.pick(edges));
    return bytes;
  },
  function addToNumber(bytes, random) {
    const width = random.pick([1, 2, 4] as const);
    if (bytes.length < width) return bytes;
    const at = random.below(bytes.length - width + 1);
    const number = bytes.subarray(at, at + width).reduceRight((sum, byte) => sum * 256 + byte, 0);
    write(bytes, at, width, BigInt(number + random.below(33) - 16));
    return bytes;
  },
  function setToken(bytes, random, { tokens }) {
    const token = random.pick(tokens);
    if (token.length <= bytes.length) bytes.set(token, random.below(bytes.length - token.length + 1));
    return bytes;
  },
  function moveBlock(bytes, random) {
    const [begin, end] = block(bytes, random);
    bytes.copyWithin(random.below(bytes.length + 1), begin, end);
    return bytes;
  },
];

const resizing: readonly Mutation[] = [
  function cutOff(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function removeBlock(bytes, random) {
    const [begin, end] = block(bytes, random);
    return joined(bytes.subarray(0, begin), bytes.subarray(end));
  },
  function repeatBlock(bytes, random) {
    const [begin, end] = block(bytes, random);
    return joined(bytes.subarray(0, end), bytes.subarray(begin));
  },
  function splice(bytes, random, { other }) {
    return joined(
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    );
  },
  function insertToken(bytes, random, { tokens }) {
    const at = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), random.pick(tokens), bytes.subarray(at));
  },
];

/** Bytes of a mutated input: seeds are smaller, and repeated blocks must not make them grow without end. */
const maxBytes = 16_384;

/** `seed` changed in one place or, half as often for each more, in several; `seed` itself stays as it is. */
export function mutate(seed: Uint8Array, random: FuzzRandom, material: FuzzMaterial): Uint8Array {
  // Not `slice`, which copies nothing of the buffers that Node reads files into.
  let bytes: Uint8Array = Uint8Array.from(seed);
  do {
    const group = random.pick([inPlace, inPlace, resizing]);
    bytes = random.pick(group)(bytes, random, material).subarray(0, maxBytes);
  } while (random.below(2) === 0);
  return bytes;
}

/** A stretch of at most 64 bytes. */
function block(bytes: Uint8Array, random: FuzzRandom): readonly [begin: number, end: number] {
  const begin = random.below(bytes.length + 1);
  return [begin, Math.min(bytes.length, begin + random.below(65))];
}

function write(bytes: Uint8Array, at: number, width: number, value: bigint): void {
  for (let byte = 0; byte < width; byte++) bytes[at + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
