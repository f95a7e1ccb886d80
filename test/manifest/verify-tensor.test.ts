import { expect, test } from "vitest";

import { arithmeticOf, bytesOf, type DType, dtypes } from "../../src/dtype.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import type { ByteSource } from "../../src/io/source.ts";
import { blockBytesOf, hashBlocks } from "../../src/kernels/hashes/block-hasher.ts";
import { tensorHash } from "../../src/kernels/hashes/tensor-hash.ts";
import { createBlockHasher } from "../../src/kernels/hashes/wasm.ts";
import { xxh64 } from "../../src/kernels/hashes/xxh64.ts";
import { type TensorContents, TensorReader } from "../../src/manifest/verify-tensor.ts";
import { randomBytes } from "../support/random-bytes.ts";

const reader = new TensorReader();

/** Bytes before the tensor in its file. */
const OFFSET = 3;

/** What the reader makes of a tensor of these bytes, and the lengths of the runs that it read. */
async function read(dtype: DType, bytes: Uint8Array): Promise<{ contents: TensorContents; runs: number[] }> {
  const source: ByteSource = {
    path: "/file",
    size: OFFSET + bytes.length,
    modified: 0,
    readInto: (into, at) => into.set(bytes.subarray(at - OFFSET, at - OFFSET + into.length)),
    close: () => {},
  };
  const tensor = { name: "w", dtype, shape: [], file: "/file", offset: OFFSET, bytes: bytes.length };
  const runs: number[] = [];
  const contents = await reader.read(source, tensor, async (moved) => void runs.push(moved));
  return { contents, runs };
}

/** Elements that are NaN or infinite, found one by one. */
function nonFiniteIn(dtype: DType, bytes: Uint8Array): number | undefined {
  const arithmetic = arithmeticOf(dtype);
  if (arithmetic === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bytesOf(dtype, 1);
  let count = 0;
  for (let at = 0; at < bytes.length; at += width) if (!Number.isFinite(arithmetic.decode(view, at))) count++;
  return count;
}

// Random bits make NaN of one in 2^5 to 2^11 elements, by type.
test.each(dtypes)("%s: hash and count are those of plain code, for every length", async (dtype) => {
  for (const elements of [0, 4, 8, 20, 60, 1000, BLOCK_ELEMENTS - 4, BLOCK_ELEMENTS, BLOCK_ELEMENTS + 4]) {
    const bytes = randomBytes(bytesOf(dtype, elements), elements + 1);
    const { contents } = await read(dtype, bytes);
    const nonFinite = nonFiniteIn(dtype, bytes);
    expect(contents).toEqual({
      hash: await tensorHash([hashBlocks(bytes, blockBytesOf(dtype), xxh64)]),
      ...(nonFinite !== undefined && { nonFinite }),
    });
  }
});

test.each(["BF16", "F64", "I64", "F6_E3M2"] as const)(
  "%s: a tensor of several runs is read once, from its first byte to its last",
  async (dtype) => {
    const bytes = randomBytes(bytesOf(dtype, 60 * BLOCK_ELEMENTS + 12), 7);
    const { contents, runs } = await read(dtype, bytes);
    expect(runs.length).toBeGreaterThan(1);
    expect(runs.reduce((sum, run) => sum + run)).toBe(bytes.length);
    expect(contents.hash).toBe(await tensorHash([createBlockHasher().hash(bytes, blockBytesOf(dtype))]));
    expect(contents.nonFinite).toBe(nonFiniteIn(dtype, bytes));
  },
);

test.each(["F16", "BF16", "F32", "F64"] as const)(
  "%s: only NaN and infinity are not finite",
  async (dtype) => {
    const width = bytesOf(dtype, 1);
    const extremes = [NaN, Infinity, -Infinity, 0, -0, 1e-45, 65_504, -65_504];
    const view = new DataView(new ArrayBuffer(extremes.length * width));
    extremes.forEach((value, index) => arithmeticOf(dtype)!.encode(view, index * width, value));
    expect((await read(dtype, new Uint8Array(view.buffer))).contents.nonFinite).toBe(3);
  },
);

test.each([
  ["BF16", 0x7f7f],
  ["F16", 0x7bff],
] as const)("%s: the largest number is finite, the next bits are not", async (dtype, largest) => {
  const bytes = new Uint8Array(Uint16Array.of(largest, largest | 0x8000, largest + 1, largest + 2).buffer);
  expect((await read(dtype, bytes)).contents.nonFinite).toBe(2);
});
