import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

import { nodeStorage } from "../../src/io/node.ts";
import { MANIFEST_NAME } from "../../src/manifest/manifest.ts";
import type { VerifyProgress } from "../../src/manifest/verify-progress.ts";
import { verifyOutput } from "../../src/manifest/verify.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { refusal } from "../support/refusal.ts";
import {
  encoded,
  placesOf,
  smallTensors,
  storageOf,
  twoShardOutput,
  twoShards,
  verified,
  writtenOutput,
} from "./written-output.ts";

describe("an output as it was written", () => {
  test("is whole", async () => {
    const files = await twoShardOutput();
    const bytes = [...files].reduce(
      (sum, [name, { length }]) => sum + (name === MANIFEST_NAME ? 0 : length),
      0,
    );
    expect(await verified(files)).toEqual({
      path: "/out",
      problems: [],
      notices: [],
      hasManifest: true,
      tensors: 3,
      files: files.size - 1,
      bytes,
      nonFinite: [],
    });
  });

  test("of another prefix, too", async () => {
    const files = await writtenOutput(smallTensors, { ...twoShards, merge_prefix: "master_weights" });
    expect([...files.keys()]).toContain("master_weights-00001-of-00002.safetensors");
    expect(await verified(files)).toMatchObject({ problems: [], notices: [], tensors: 3 });
  });

  test("with tensors of all kinds of names, and of no elements", async () => {
    const names = ["__proto__", "constructor", "10", "9", "", "\u{1f600}", "a/b"];
    const one = { dtype: "F32", shape: [1], values: [1] } as const;
    const none = { dtype: "BF16", shape: [0, 3], values: [] } as const;
    const files = await writtenOutput(() => ({
      ...Object.fromEntries(names.map((name) => [name, one])),
      none,
    }));
    expect(await verified(files)).toMatchObject({ problems: [], tensors: names.length + 1 });
  });

  test("with NaN and infinity in it is whole, and they are told", async () => {
    const values = [NaN, 1, -Infinity, 2];
    const files = await writtenOutput(
      () => ({ w: { dtype: "BF16", shape: [4], values }, ok: { dtype: "BF16", shape: [1], values: [1] } }),
      { allow_non_finite: true },
    );
    const { problems, nonFinite } = await verified(files);
    expect(problems).toEqual([]);
    expect(nonFinite).toEqual([{ tensor: "w", found: 2, recorded: 2 }]);
  });

  test("tells how far it has come, up to the end", async () => {
    const seen: VerifyProgress[] = [];
    const { bytes } = await verified(await twoShardOutput(), {
      onProgress: (progress) => seen.push(progress),
    });
    const done = seen.map(({ bytesDone }) => bytesDone);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ bytesDone: bytes, bytesTotal: bytes, tensorsDone: 3, tensorsTotal: 3 });
  });

  test("is read once, but for headers and the index", async () => {
    const files = await writtenOutput(() => ({
      w: { dtype: "F32", shape: [100_000], values: Array.from({ length: 100_000 }, (_, at) => at) },
    }));
    const storage = storageOf(files);
    await verifyOutput(storage, "/out");
    expect(storage.bytesRead()).toBeLessThan(400_000 + 30_000);
  });

  test("may be stopped", async () => {
    const files = await twoShardOutput();
    for (const options of [
      { signal: AbortSignal.abort() },
      (() => {
        const stop = new AbortController();
        return { signal: stop.signal, onProgress: () => stop.abort() };
      })(),
    ]) {
      const error = await verified(files, options).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ outcome: "interrupted", problems: [{ code: "verify/interrupted" }] });
    }
  });
});

describe("an output of another tool", () => {
  const tensors = {
    "w.bf16": { dtype: "BF16", shape: [3], values: [1, NaN, Infinity] },
    "w.f32": { dtype: "F32", shape: [2], values: [1, 2] },
    ids: { dtype: "I64", shape: [1], values: [1, 2, 3, 4, 5, 6, 7, 8] },
  } as const;

  test("is read for its structure, and NaN is counted", async () => {
    const folder = writeCheckpoint(temporaryFolder(), tensors);
    expect(await verifyOutput(nodeStorage, folder)).toEqual({
      path: folder,
      problems: [],
      notices: [
        `There is no ${MANIFEST_NAME} to go by, so the bytes are compared with nothing: the weights' structure was ` +
          "checked, and their NaN and infinite elements were counted",
      ],
      hasManifest: false,
      tensors: 3,
      files: 1,
      bytes: 22,
      nonFinite: [{ tensor: "w.bf16", found: 2 }],
    });
  });

  test("has the prefix that is asked for", async () => {
    const folder = writeCheckpoint(temporaryFolder(), tensors, "master_weights.safetensors");
    expect(await verifyOutput(nodeStorage, folder, { prefix: "master_weights" })).toMatchObject({
      tensors: 3,
    });
    const { problems } = await refusal(verifyOutput(nodeStorage, folder));
    expect(problems).toMatchObject([{ code: "checkpoint/no-weights" }]);
  });

  test("that is broken is found to be", async () => {
    const files = new Map([["model.safetensors", encoded("no weights at all")]]);
    const { problems } = await verified(files);
    expect(placesOf(problems)).toEqual(["safetensors/header-length model.safetensors"]);
    expect(problems[0]!.hint).toBeDefined();
  });

  test.each(["numpy-protocol-0", "paddle-dtypes", "pdparams-shards"])(
    "as in %s, is read to its end",
    async (name) => {
      const folder = fileURLToPath(new URL(`../golden/formats/${name}/model`, import.meta.url));
      const { problems, tensors, files, bytes } = await verifyOutput(nodeStorage, folder);
      expect(problems).toEqual([]);
      expect([tensors, files, bytes].every((count) => count > 0)).toBe(true);
    },
  );
});

describe("what is no output is refused:", () => {
  test("a folder that is not there", async () => {
    const { problems } = await refusal(verifyOutput(nodeStorage, "some/model"));
    expect(problems).toMatchObject([{ code: "checkpoint/not-found" }]);
  });

  test("a folder without weights", async () => {
    const { problems } = await refusal(verified(new Map([["notes.txt", encoded("")]])));
    expect(problems).toMatchObject([{ code: "checkpoint/no-weights" }]);
  });

  test("a file", async () => {
    const { problems } = await refusal(
      verifyOutput(memoryStorage(new Map([["/out/f", encoded("")]])), "/out/f"),
    );
    expect(problems).toMatchObject([{ code: "request/invalid-value", file: "/out/f" }]);
  });
});
