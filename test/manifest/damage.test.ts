import { expect, test } from "vitest";

import { arithmeticOf } from "../../src/dtype.ts";
import { TensorweldError } from "../../src/errors.ts";
import { MANIFEST_NAME } from "../../src/manifest/manifest.ts";
import { verifyOutput } from "../../src/manifest/verify.ts";
import {
  damage,
  encoded,
  placesOf,
  shardNames,
  storageOf,
  twoShardOutput,
  verified,
  withChanges,
  writtenOutput,
} from "./written-output.ts";

const [first, second] = shardNames;

test.each([
  ["cut short by a byte", -1],
  ["cut off within its header", -10_000],
  ["longer by a byte", 1],
])("a file %s", async (_, more) => {
  const files = await twoShardOutput();
  for (const name of [first, second, "config.json", "model.safetensors.index.json"]) {
    const bytes = files.get(name)!;
    const changed = new Uint8Array(Math.max(0, bytes.length + more));
    changed.set(bytes.subarray(0, changed.length));
    expect(await damage(files, { [name]: changed })).toEqual([`verify/file ${name}`]);
  }
});

test("a file that is missing", async () => {
  const files = await twoShardOutput();
  for (const name of [...files.keys()].filter((one) => one !== MANIFEST_NAME)) {
    expect(await damage(files, { [name]: undefined })).toEqual([`verify/missing ${name}`]);
  }
});

test("shards that changed places, of different lengths and of the same", async () => {
  const files = await twoShardOutput();
  const swapped = { [first]: files.get(second), [second]: files.get(first) };
  expect(await damage(files, swapped)).toEqual([`verify/file ${first}`, `verify/file ${second}`]);

  const one = { dtype: "F32", shape: [4], values: [1, 2, 3, 4] } as const;
  const twins = await writtenOutput(() => ({ a: one, b: one }), { max_shard_size: "16" });
  expect(twins.get(first)).toHaveLength(twins.get(second)!.length);
  expect(await damage(twins, { [first]: twins.get(second), [second]: twins.get(first) })).toEqual([
    `verify/header ${first}`,
    `verify/header ${second}`,
  ]);
});

test("a header whose structure is broken is told as such", async () => {
  const files = await twoShardOutput();
  const bytes = files.get(first)!.slice();
  bytes[8] = 0x5b;
  expect(await damage(files, { [first]: bytes })).toEqual([`safetensors/header-json ${first}`]);
});

test("damage of one shard leaves the others to be compared", async () => {
  const files = await twoShardOutput();
  const last = files.get(second)!.slice();
  last[last.length - 1]! ^= 1;
  const { problems, notices, tensors } = await verified(
    withChanges(files, { [first]: undefined, [second]: last }),
  );
  expect(placesOf(problems)).toEqual([`verify/missing ${first}`, `verify/tensor ${second} w.bf16`]);
  expect([notices, tensors]).toEqual([
    ["Tensors that were not compared, because their shards are damaged: 2"],
    1,
  ]);
});

test("a number that became NaN", async () => {
  const files = await twoShardOutput();
  const bytes = files.get(second)!.slice();
  arithmeticOf("BF16")!.encode(new DataView(bytes.buffer), bytes.length - 2, NaN);
  const { problems, nonFinite } = await verified(withChanges(files, { [second]: bytes }));
  expect(placesOf(problems)).toEqual([
    `verify/tensor ${second} w.bf16`,
    `verify/non-finite ${second} w.bf16`,
  ]);
  expect(problems[1]!.message).toBe("elements that are NaN or infinite: 1 here, 0 when it was written");
  expect(nonFinite).toEqual([{ tensor: "w.bf16", found: 1, recorded: 0 }]);
});

test("damage comes with both hashes, and with the way to merge again", async () => {
  const files = await twoShardOutput();
  const changed = encoded('{ "model_type": "lllama"}\n');
  const { problems } = await verified(withChanges(files, { "config.json": changed }));
  expect(problems).toEqual([
    {
      code: "verify/file",
      file: "/out/config.json",
      message: expect.stringMatching(
        /^is not what was written: its hash is [0-9a-f]{12}…, and was [0-9a-f]{12}…$/,
      ) as string,
      hint: "download or copy it again, or merge again: tensorweld merge /out/merge_config.json --output_path AGAIN",
    },
  ]);
});

test("damage of the recipe itself: it is not advised to merge with that", async () => {
  const files = await twoShardOutput();
  for (const recipe of [undefined, encoded("{}\n")]) {
    const { problems } = await verified(
      withChanges(files, { "merge_config.json": recipe, [first]: undefined }),
    );
    expect(problems.map(({ hint }) => hint)).toEqual(
      Array(2).fill("download or copy it again, or merge again"),
    );
  }
});

test("a file that can't be read is told, and the others are read", async () => {
  const files = await twoShardOutput();
  const storage = storageOf(files);
  const failing = (path: string): never => {
    throw new TensorweldError("failed", [{ code: "io/read", file: path, message: "cannot be read" }]);
  };
  const broken = {
    ...storage,
    async open(path: string) {
      const source = await storage.open(path);
      return path.endsWith(first) || path.endsWith("/config.json")
        ? { ...source, readInto: () => failing(path) }
        : source;
    },
  };
  const { problems, tensors } = await verifyOutput(broken, "/out");
  expect(placesOf(problems)).toEqual(["io/read config.json", `io/read ${first}`]);
  expect(tensors).toBe(1);
});
