import { expect, test } from "vitest";

import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import { MANIFEST_NAME } from "../../src/manifest/manifest.ts";
import { randomBytes } from "../support/random-bytes.ts";
import { randomNumbers } from "../support/random-numbers.ts";
import {
  type Files,
  flipped,
  placesOf,
  smallTensors,
  type TensorsOf,
  twoShards,
  verified,
  withChanges,
  writtenOutput,
} from "./written-output.ts";

/** Names of the files with a problem. */
async function blamedFiles(files: Files): Promise<readonly string[]> {
  const { problems } = await verified(files);
  return [...new Set(problems.map(({ file }) => file!.slice("/out/".length)))].toSorted();
}

test("a bit that turned is found in every byte of every file", async () => {
  const files = await writtenOutput(smallTensors, { ...twoShards, model_card: false });
  // Without the manifest nothing is compared; its bytes are gone through in its own tests, and below.
  const compared = [...files.keys()].filter((name) => name !== MANIFEST_NAME);
  expect(compared).toHaveLength(6);
  const longest = Math.max(...compared.map((name) => files.get(name)!.length));
  for (let position = 0; position < longest; position++) {
    // One bit in every file at a time: six times as fast, and each of them has to be blamed for its own.
    const damaged = compared.filter((name) => position < files.get(name)!.length);
    const changes = damaged.map((name) => [name, flipped(files.get(name)!, position)]);
    const blamed = await blamedFiles(withChanges(files, Object.fromEntries(changes)));
    expect(blamed, `byte ${position}`).toEqual(damaged);
  }
});

test("a bit that turned is found alone, and no other file is blamed: every 23rd byte", async () => {
  const files = await writtenOutput(smallTensors, twoShards);
  for (const [name, bytes] of files) {
    for (let position = name.length % 23; position < bytes.length; position += 23) {
      const blamed = await blamedFiles(withChanges(files, { [name]: flipped(bytes, position) }));
      expect(blamed, `byte ${position}`).toEqual([name]);
    }
  }
});

/** Tensors of several blocks, with a rest and without one. */
const largeTensors: TensorsOf = (seed) => ({
  bf16: {
    dtype: "BF16",
    shape: [2 * BLOCK_ELEMENTS + 77],
    values: randomNumbers(2 * BLOCK_ELEMENTS + 77, seed),
  },
  f32: { dtype: "F32", shape: [BLOCK_ELEMENTS], values: randomNumbers(BLOCK_ELEMENTS, seed) },
  i64: { dtype: "I64", shape: [BLOCK_ELEMENTS + 1], values: [...randomBytes(8 * BLOCK_ELEMENTS + 8, 5)] },
});

test("in large tensors a bit is found wherever blocks begin and end, and the tensor is named", async () => {
  const name = "model.safetensors";
  const files = await writtenOutput(largeTensors);
  const bytes = files.get(name)!;
  const first = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  // In the order of the file: the widest elements first.
  const tensors = [
    { tensor: "i64", bytes: 8 * BLOCK_ELEMENTS + 8, blockBytes: 8 * BLOCK_ELEMENTS },
    { tensor: "f32", bytes: 4 * BLOCK_ELEMENTS, blockBytes: 4 * BLOCK_ELEMENTS },
    { tensor: "bf16", bytes: 4 * BLOCK_ELEMENTS + 154, blockBytes: 2 * BLOCK_ELEMENTS },
  ];
  const random = new Uint32Array(randomBytes(4 * 50, 11).slice().buffer);
  let offset = first;
  for (const { tensor, bytes: length, blockBytes } of tensors) {
    const edges = [0, 1, 2].flatMap((block) => [block * blockBytes - 1, block * blockBytes]);
    const others = [...random].map((word) => word % length);
    const inside = [...edges, length - 1, ...others].filter((at) => at >= 0 && at < length);
    for (const at of new Set(inside)) {
      const { problems } = await verified(withChanges(files, { [name]: flipped(bytes, offset + at) }));
      const places = placesOf(problems).filter((place) => !place.startsWith("verify/non-finite "));
      expect(places, `${tensor}, byte ${at}`).toEqual([`verify/tensor ${name} ${tensor}`]);
    }
    offset += length;
  }
  expect(offset).toBe(bytes.length);
});
