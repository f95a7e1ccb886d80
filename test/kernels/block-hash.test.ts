import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { bytesOf, type DType, dtypes, floatTypes } from "../../src/dtype.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import type { Layout } from "../../src/kernels/backend.ts";
import { type BlockHasher, blockBytesOf } from "../../src/kernels/hashes/block-hasher.ts";
import { tensorHash } from "../../src/kernels/hashes/tensor-hash.ts";
import { createBlockHasher } from "../../src/kernels/hashes/wasm.ts";
import { xxh64 } from "../../src/kernels/hashes/xxh64.ts";
import { backends } from "../../src/kernels/index.ts";
import { randomBytes } from "../support/random-bytes.ts";

const PAGE_BYTES = 65_536;

const memory = new WebAssembly.Memory({ initial: 4 });
const inPlace = createBlockHasher(memory);
const copying = createBlockHasher();

/** A copy of `bytes` in the memory, at an address in bytes. */
function placed(bytes: Uint8Array, address: number): Uint8Array {
  const view = new Uint8Array(memory.buffer, address, bytes.length);
  view.set(bytes);
  return view;
}

/** The hash of all bytes as one block, of which there is at least one. */
function asOneBlock(hasher: BlockHasher, bytes: Uint8Array): bigint {
  const hashes = hasher.hash(bytes, bytes.length);
  expect(hashes).toHaveLength(1);
  return hashes[0]!;
}

const ways: Readonly<Record<string, (bytes: Uint8Array) => bigint>> = {
  reference: xxh64,
  "wasm, copied": (bytes) => asOneBlock(copying, bytes),
  "wasm, in place": (bytes) => asOneBlock(inPlace, placed(bytes, 3)),
};

/** Hashes of the pattern's first bytes by how many they are; written by scripts/golden_xxh64.py, which describes it. */
const golden = Object.entries(
  JSON.parse(readFileSync(new URL("../golden/xxh64/hashes.json", import.meta.url), "utf8")) as Readonly<
    Record<string, string>
  >,
).map(([length, hash]) => ({ length: Number(length), hash: BigInt(`0x${hash}`) }));

function pattern(length: number): Uint8Array {
  let state = 2_654_435_761n;
  return Uint8Array.from({ length }, () => {
    const byte = Number(state >> 56n);
    state = BigInt.asUintN(64, state * 11_400_714_785_074_694_797n);
    return byte;
  });
}

const longest = pattern(Math.max(...golden.map(({ length }) => length)));

describe.each(Object.entries(ways))("XXH64, %s", (_, hashOf) => {
  test("has the values that are known of it", () => {
    const ascii = new TextEncoder();
    expect(hashOf(ascii.encode("a"))).toBe(0xd24e_c4f1_a98c_6e5bn);
    expect(hashOf(ascii.encode("abc"))).toBe(0x44bc_2cf5_ad77_0999n);
  });

  test("equals xxHash at every short length and around a block", () => {
    expect(golden.length).toBeGreaterThan(200);
    for (const { length, hash } of golden.filter(({ length }) => length > 0)) {
      expect(hashOf(longest.subarray(0, length)), `${length} bytes`).toBe(hash);
    }
  });

  test("changes with every single bit", () => {
    const bytes = randomBytes(300, 1);
    const hashes = new Set([hashOf(bytes)]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      hashes.add(hashOf(bytes));
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(hashes.size).toBe(1 + bytes.length * 8);
  });
});

test("XXH64 of no bytes is the one that is known of it", () => {
  expect(xxh64(new Uint8Array(0))).toBe(0xef46_db37_51d8_e999n);
  expect(golden[0]).toEqual({ length: 0, hash: 0xef46_db37_51d8_e999n });
});

describe("the hasher in WebAssembly", () => {
  test("equals the reference for all bytes, blocks and places", () => {
    const cases = fc.record({
      bytes: fc.uint8Array({ maxLength: 3000 }),
      blockBytes: fc.integer({ min: 1, max: 1000 }),
      address: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(cases, ({ bytes, blockBytes, address }) => {
        const blocks = Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, block) =>
          xxh64(bytes.slice(block * blockBytes, (block + 1) * blockBytes)),
        );
        expect([...copying.hash(bytes, blockBytes)]).toEqual(blocks);
        expect([...inPlace.hash(placed(bytes, address), blockBytes)]).toEqual(blocks);
      }),
    );
  });

  test("reads nothing beyond the bytes, and writes nothing", () => {
    for (let length = 1; length <= 100; length++) {
      const bytes = randomBytes(length, length);
      const last = placed(bytes, memory.buffer.byteLength - length);
      const before = new Uint8Array(memory.buffer).slice();
      expect(asOneBlock(inPlace, last)).toBe(xxh64(bytes));
      expect(Buffer.compare(before, new Uint8Array(memory.buffer))).toBe(0);
    }
  });

  test("copies nothing of its backend's buffers", async () => {
    const backend = backends.wasm(PAGE_BYTES);
    const { inputs, output } = backend.buffersFor({ inputs: ["F32", "BF16"], output: "F16" }, 1000);
    const memories = vi.spyOn(WebAssembly, "Memory");
    onTestFinished(() => memories.mockRestore());
    for (const buffer of [...inputs, output]) await backend.hash(buffer, PAGE_BYTES);
    expect(memories).not.toHaveBeenCalled();
  });

  test("copies bytes from elsewhere without a trace in its memory", () => {
    const bytes = randomBytes(1000, 5);
    const before = new Uint8Array(memory.buffer).slice();
    expect(asOneBlock(inPlace, bytes)).toBe(xxh64(bytes));
    expect(Buffer.compare(before, new Uint8Array(memory.buffer))).toBe(0);
  });

  test("copies blocks of every size, one after the other", () => {
    const hasher = createBlockHasher();
    for (const length of [10, 3 * PAGE_BYTES + 1, PAGE_BYTES, 5 * PAGE_BYTES]) {
      const bytes = randomBytes(length, length);
      expect(asOneBlock(hasher, bytes), `${length} bytes`).toBe(xxh64(bytes));
    }
  });

  test("works on after its memory has grown, and refuses views from before", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const hasher = createBlockHasher(memory);
    const old = new Uint8Array(memory.buffer, 0, 100);
    const bytes = randomBytes(100, 9);
    old.set(bytes);
    memory.grow(1);
    expect(() => hasher.hash(old, 100)).toThrow(TypeError);
    expect(asOneBlock(hasher, new Uint8Array(memory.buffer, 0, 100))).toBe(xxh64(bytes));
  });
});

describe("the block hashes of a tensor", () => {
  const lengths = [
    0,
    1,
    31,
    32,
    33,
    BLOCK_ELEMENTS - 1,
    BLOCK_ELEMENTS,
    BLOCK_ELEMENTS + 1,
    3 * BLOCK_ELEMENTS + 5,
  ];

  /** All types that are computed, and one of each width among those that are copied. */
  const types: readonly DType[] = [...floatTypes, "U8", "F6_E3M2", "F4"];

  test.each(types)("of %s are the same from all backends, as output and as input", async (dtype) => {
    const layout: Layout = { inputs: [dtype], output: dtype };
    const reference = backends.reference();
    const wasm = backends.wasm(4 * 1024 * 1024);
    for (const elements of lengths.filter((length) => Number.isInteger(bytesOf(dtype, length)))) {
      const bytes = randomBytes(bytesOf(dtype, elements), elements + 1);
      const expected = await reference.hash(bytes, blockBytesOf(dtype));
      expect(expected).toHaveLength(Math.ceil(elements / BLOCK_ELEMENTS));
      const { inputs, output } = wasm.buffersFor(layout, elements);
      for (const buffer of [inputs[0]!, output]) {
        buffer.set(bytes);
        expect(await wasm.hash(buffer, blockBytesOf(dtype)), `${elements} elements`).toEqual(expected);
      }
    }
  });

  test("take a whole number of bytes for every type", () => {
    for (const dtype of dtypes) expect(blockBytesOf(dtype)).toSatisfy(Number.isSafeInteger);
  });

  test.each(Object.entries(backends))("are of at least one byte, by %s", async (_, create) => {
    const backend = create(PAGE_BYTES);
    for (const blockBytes of [0, -1, 0.5, NaN]) {
      await expect(async () => backend.hash(new Uint8Array(8), blockBytes)).rejects.toThrow(RangeError);
    }
  });

  test("show neither chunk size nor workers in the tensor's hash", async () => {
    const blockBytes = blockBytesOf("BF16");
    const bytes = randomBytes(5 * blockBytes + 6, 3);
    const whole = await tensorHash([copying.hash(bytes, blockBytes)]);
    for (const blocks of [1, 2, 3]) {
      const runs: BigUint64Array[] = [];
      for (let at = 0; at < bytes.length; at += blocks * blockBytes) {
        runs.push(copying.hash(bytes.subarray(at, at + blocks * blockBytes), blockBytes));
      }
      expect(await tensorHash(runs)).toBe(whole);
    }
  });
});

describe("the hash of a tensor", () => {
  test("is SHA-256 of its blocks' hashes, little-endian", async () => {
    const bytes = Uint8Array.from([8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0xf0]);
    const runs = [BigUint64Array.of(0x0102_0304_0506_0708n), BigUint64Array.of(0xf000_0000_0000_0000n)];
    expect(await tensorHash(runs)).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  test("is that of no bytes for a tensor without elements", async () => {
    expect(await tensorHash([])).toBe(createHash("sha256").digest("hex"));
  });

  test("changes with the order of the blocks", async () => {
    expect(await tensorHash([BigUint64Array.of(1n, 2n)])).not.toBe(
      await tensorHash([BigUint64Array.of(2n, 1n)]),
    );
  });
});
