import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bitsOf } from "../../src/dtype.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { problemList } from "../../src/formats/problem-list.ts";
import { maxTensorsPerFile, readHeader } from "../../src/formats/safetensors/header.ts";
import { encodeHeader, layoutShards } from "../../src/formats/safetensors/write.ts";
import type { LayoutOptions, ShardLayout, TensorSpec } from "../../src/formats/safetensors/write.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { tensorSpecs } from "../support/tensor-specs.ts";

const golden = join(import.meta.dirname, "../golden/safetensors");
const format = new Map([["format", "pt"]]);

describe("layoutShards", () => {
  test("equals the Python package's file byte for byte", async () => {
    const expected = readFileSync(join(golden, "library.safetensors"));
    const tensors = await tensorsOf(expected);
    const [shard] = layoutShards(tensors.toReversed(), options({ metadata: format })).shards;
    expect(Buffer.from(bytesOf(shard!)).equals(expected)).toBe(true);
  });

  test("equals the Python package's empty file", () => {
    const layout = layoutShards([], options({}));
    expect(layout.index).toBeUndefined();
    expect(layout.shards.map(({ name }) => name)).toEqual(["model.safetensors"]);
    const expected = readFileSync(join(golden, "empty.safetensors"));
    expect(Buffer.from(bytesOf(layout.shards[0]!)).equals(expected)).toBe(true);
  });

  test("equals the Python package's file with a provenance among its metadata", async () => {
    const expected = readFileSync(join(golden, "provenance.safetensors"));
    const { __metadata__: metadata } = JSON.parse(
      expected.toString("utf8", 8, 8 + Number(expected.readBigUInt64LE())),
    ) as { __metadata__: Record<string, string> };
    const pairs = new Map(Object.entries(metadata).toReversed());
    const [shard] = layoutShards(await tensorsOf(expected), options({ metadata: pairs })).shards;
    expect(Buffer.from(bytesOf(shard!)).equals(expected)).toBe(true);
  });

  test("writes the index as Hugging Face does", async () => {
    const tensors = await tensorsOf(readFileSync(join(golden, "library.safetensors")));
    const { index } = layoutShards(tensors, options({ maxShardBytes: 100 }));
    expect(index?.name).toBe("model.safetensors.index.json");
    expect(index?.text).toBe(readFileSync(join(golden, "library.index.json"), "utf8"));
  });

  test("begins a new shard before a header holds more tensors than are read", () => {
    const tensors = Array.from({ length: maxTensorsPerFile + 1 }, (_, at) => {
      return { name: `${at}`, dtype: "U8", shape: [0] } as const;
    });
    const { shards } = layoutShards(tensors, options({}));
    expect(shards.map((shard) => shard.tensors.length)).toEqual([maxTensorsPerFile, 1]);
  });

  test("fills shards up to the limit; a larger tensor gets one of its own", () => {
    const sizes = { a: 60, b: 40, c: 1, d: 500, e: 0, f: 100 };
    const tensors = Object.entries(sizes).map(([name, bytes]) => ({
      name,
      dtype: "U8" as const,
      shape: [bytes],
    }));
    const { shards } = layoutShards(tensors, options({ prefix: "master_weights", maxShardBytes: 100 }));
    expect(
      shards.map(({ name, tensors: held }) => [name, held.map((tensor) => tensor.name).join("")]),
    ).toEqual([
      ["master_weights-00001-of-00004.safetensors", "ab"],
      ["master_weights-00002-of-00004.safetensors", "c"],
      ["master_weights-00003-of-00004.safetensors", "d"],
      ["master_weights-00004-of-00004.safetensors", "ef"],
    ]);
  });

  test("sorts the metadata and writes it into every shard", () => {
    const tensors = ["a", "b"].map((name) => ({ name, dtype: "U8" as const, shape: [8] }));
    const metadata = new Map([
      ["z", "1"],
      ["a", 'say "hi"'],
    ]);
    for (const { header } of layoutShards(tensors, options({ maxShardBytes: 8, metadata })).shards) {
      expect(header.startsWith(String.raw`{"__metadata__":{"a":"say \"hi\"","z":"1"},"`)).toBe(true);
    }
  });

  test("refuses a tensor called __metadata__", () => {
    const tensor = { name: "__metadata__", dtype: "U8" as const, shape: [1] };
    expect(() => layoutShards([tensor], options({}))).toThrow(/no tensor can have this name/);
  });

  test("refuses sizes that are no whole number of bytes, or too large to count", () => {
    const half = { name: "a", dtype: "F4" as const, shape: [3] };
    expect(() => layoutShards([half], options({}))).toThrow(/12 bits/);
    const huge = { name: "a", dtype: "F64" as const, shape: [2 ** 30, 2 ** 30] };
    expect(() => layoutShards([huge], options({}))).toThrow(/2\^53/);
  });

  test("does not depend on the order of the tensors", () => {
    fc.assert(
      fc.property(shuffledSpecs(), fc.nat(200), ([tensors, shuffled], maxShardBytes) => {
        const layout = layoutShards(tensors, options({ maxShardBytes }));
        expect(layoutShards(shuffled, options({ maxShardBytes }))).toEqual(layout);
      }),
    );
  });

  test("places every tensor once, without gaps, at a multiple of its element's size", () => {
    fc.assert(
      fc.property(tensorSpecs(), fc.nat(200), (tensors, maxShardBytes) => {
        const { shards } = layoutShards(tensors, options({ maxShardBytes }));
        for (const shard of shards) {
          let end = encodeHeader(shard.header).length;
          expect(end % 8).toBe(0);
          for (const { dtype, offset, bytes } of shard.tensors) {
            expect(offset).toBe(end);
            expect(offset % Math.max(1, bitsOf(dtype) / 8)).toBe(0);
            end += bytes;
          }
          expect(shard.size).toBe(end);
        }
        const placed = shards.flatMap((shard) => shard.tensors.map(({ name }) => name));
        expect(placed.toSorted()).toEqual(tensors.map(({ name }) => name).toSorted());
      }),
    );
  });

  test("what is laid out is what is read back, from one file or from shards", async () => {
    await fc.assert(
      fc.asyncProperty(
        tensorSpecs(),
        fc.nat(200),
        metadataPairs(),
        async (tensors, maxShardBytes, metadata) => {
          const { shards, index } = layoutShards(tensors, options({ maxShardBytes, metadata }));
          const files = new Map(shards.map((shard) => [`/m/${shard.name}`, bytesOf(shard)]));
          if (index !== undefined) files.set(`/m/${index.name}`, new TextEncoder().encode(index.text));
          const checkpoint = await openCheckpoint(memoryStorage(files), "/m", "model");
          const read = [...checkpoint.tensors.values()].map(({ file, ...tensor }) => [file, tensor]);
          const written = shards.flatMap((shard) =>
            shard.tensors.map((tensor) => [`/m/${shard.name}`, tensor]),
          );
          expect(read).toEqual(written);
          expect(checkpoint.metadata).toEqual(metadata);
          expect(checkpoint.notices).toEqual([]);
        },
      ),
    );
  });
});

function options(changes: Partial<LayoutOptions>): LayoutOptions {
  return { prefix: "model", maxShardBytes: 5e9, metadata: new Map(), ...changes };
}

/** A shard's file, its tensors all zeros. */
function bytesOf(shard: ShardLayout): Uint8Array {
  const file = new Uint8Array(shard.size);
  file.set(encodeHeader(shard.header));
  return file;
}

async function tensorsOf(file: Uint8Array): Promise<readonly TensorSpec[]> {
  const source = await memoryStorage(new Map([["/file", file]])).open("/file");
  const header = await readHeader(source, problemList("/file"));
  return header!.entries.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
}

function shuffledSpecs(): fc.Arbitrary<readonly [readonly TensorSpec[], readonly TensorSpec[]]> {
  return tensorSpecs().chain((tensors) =>
    fc
      .shuffledSubarray([...tensors], { minLength: tensors.length })
      .map((shuffled) => [tensors, shuffled] as const),
  );
}

function metadataPairs(): fc.Arbitrary<ReadonlyMap<string, string>> {
  const text = fc.string({ unit: "binary" });
  return fc
    .array(fc.tuple(text, text))
    .map((pairs) => new Map(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
