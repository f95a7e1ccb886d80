import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { entryOf, fileOf } from "../../scripts/hostile/safetensors-bytes.ts";
import { openAdapter } from "../../src/adapters/adapter.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { quantisationOf } from "../../src/formats/quantisation.ts";
import { check } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { Storage } from "../../src/io/storage.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { refusal } from "../support/refusal.ts";

// Attacks that take more space than a repository should: made here, refused or read within bounds. Those that are small
// enough to be kept are in the folders beside this file.

const million = 1_000_000;

function storageOf(files: Readonly<Record<string, string | Uint8Array>>): Storage {
  const encoder = new TextEncoder();
  return memoryStorage(
    new Map(
      Object.entries(files).map(([path, contents]) => [
        path,
        typeof contents === "string" ? encoder.encode(contents) : contents,
      ]),
    ),
  );
}

function manyTexts(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(",");
}

/** The codes of what `action` is refused for, each once; a list that is too long to print fails. */
async function codesOf(action: Promise<unknown>): Promise<readonly string[]> {
  const { problems, message } = await refusal(action);
  expect(problems.length).toBeLessThan(120);
  expect(message.length).toBeLessThan(100_000);
  return [...new Set(problems.map(({ code }) => code))];
}

describe("a header of safetensors", () => {
  test("with 200,000 broken entries has fifty problems and a count", async () => {
    const header = `{${Array.from({ length: 200_000 }, (_, index) => `"${index}":0`).join(",")}}`;
    const files = storageOf({ "/m/model.safetensors": fileOf(header, 0) });
    expect(await codesOf(openCheckpoint(files, "/m", "model"))).toEqual(["safetensors/entry"]);
  });

  const headerOf = (tensors: number): string => {
    const entries = Array.from({ length: tensors }, (_, index) =>
      entryOf(`${index}`, '"U8"', "[0]", "[0,0]"),
    );
    return `{${entries.join(",")}}`;
  };

  test("with 200,000 tensors of nothing is read", async () => {
    const files = storageOf({ "/m/model.safetensors": fileOf(headerOf(200_000), 0) });
    expect((await openCheckpoint(files, "/m", "model")).tensors.size).toBe(200_000);
  });

  test.each([
    [200_001, "200001 tensors,"],
    [million, "tensors or more,"],
  ])("with %d tensors of nothing is refused", async (tensors, found) => {
    const files = storageOf({ "/m/model.safetensors": fileOf(headerOf(tensors), 0) });
    const { problems } = await refusal(openCheckpoint(files, "/m", "model"));
    expect(problems).toMatchObject([{ code: "safetensors/too-many" }]);
    expect(problems[0]!.message).toContain(found);
    expect(problems[0]!.message).toContain("at most 200000");
  });

  // Up to 90 MB long: a header may be of 100.
  test.each([
    ["pairs of metadata", () => `{"__metadata__":{${manyTexts(2 * million, (index) => `"${index}":""`)}}}`],
    ["objects", () => `{"a":[${"{},".repeat(30 * million)}{}]}`],
    ["arrays", () => `{"a":[${"[0],".repeat(22 * million)}[]]}`],
    ["numbers", () => `{"a":[${"0,".repeat(45 * million)}0]}`],
    ["numbers with a sign", () => `{"a":[${"-1,".repeat(30 * million)}0]}`],
  ])("that is nothing but %s is refused at a limit", async (_, header) => {
    const files = storageOf({ "/m/model.safetensors": fileOf(header(), 0) });
    const { problems } = await refusal(openCheckpoint(files, "/m", "model"));
    expect(problems).toMatchObject([{ code: "safetensors/header-json" }]);
    expect(problems[0]!.message).toContain("more values than 450000000 bytes of memory hold");
  });

  test.each([
    ["blanks", () => `{${" ".repeat(90 * million)}}`],
    ["escapes in a name", () => `{"__metadata__":{"${"\\n".repeat(45 * million)}":""}}`],
    ["one name", () => `{"__metadata__":{"${"x".repeat(90 * million)}":""}}`],
  ])("that is nothing but %s is read", async (_, header) => {
    const files = storageOf({ "/m/model.safetensors": fileOf(header(), 0) });
    expect((await openCheckpoint(files, "/m", "model")).tensors.size).toBe(0);
  });

  test("with a tensor of a million axes is refused", async () => {
    const entry = entryOf("a", '"U8"', `[${"1,".repeat(million)}1]`, "[0,1]");
    const files = storageOf({ "/m/model.safetensors": fileOf(`{${entry}}`, 1) });
    expect(await codesOf(openCheckpoint(files, "/m", "model"))).toEqual(["safetensors/shape"]);
  });

  test("with the same name a million times over is refused", async () => {
    const header = `{${'"a":0,'.repeat(million)}"a":0}`;
    const files = storageOf({ "/m/model.safetensors": fileOf(header, 0) });
    expect(await codesOf(openCheckpoint(files, "/m", "model"))).toContain("safetensors/duplicate-name");
  });
});

describe("an index", () => {
  const indexOf = (entries: readonly string[]): string => `{"weight_map":{${entries.join(",")}}}`;

  async function codesOfIndex(index: string): Promise<readonly string[]> {
    const files = storageOf({ "/m/model.safetensors.index.json": index });
    return codesOf(openCheckpoint(files, "/m", "model"));
  }

  test("of a million tensors in one absent file is refused", async () => {
    const entries = Array.from({ length: million }, (_, index) => `"${index}":"a.safetensors"`);
    expect(await codesOfIndex(indexOf(entries))).toEqual(["index/missing-file"]);
  });

  test("of 100,000 absent files is refused", async () => {
    const entries = Array.from({ length: 100_000 }, (_, index) => `"${index}":"${index}.safetensors"`);
    expect(await codesOfIndex(indexOf(entries))).toEqual(["index/missing-file"]);
  });

  test("of 100,000 files elsewhere is refused", async () => {
    const entries = Array.from({ length: 100_000 }, (_, index) => `"${index}":"../${index}.safetensors"`);
    expect(await codesOfIndex(indexOf(entries))).toEqual(["index/unsafe-path"]);
  });

  test("with a name of 10,000 characters is refused before the system sees it", async () => {
    const name = `${"x".repeat(10_000)}.safetensors`;
    expect(await codesOfIndex(indexOf([`"a":"${name}"`]))).toEqual(["index/unsafe-path"]);
  });

  test("of line feeds and nothing else is refused at its end", async () => {
    const lines = 60 * million;
    const files = storageOf({ "/m/model.safetensors.index.json": "\n".repeat(lines) });
    const { problems } = await refusal(openCheckpoint(files, "/m", "model"));
    expect(problems).toMatchObject([{ code: "index/invalid", line: lines + 1, column: 1 }]);
  });

  test("of 3,000 files that are there is read, with none left open", async () => {
    const folder = temporaryFolder();
    const count = 3000;
    const file = (index: number): string => `part-${index}.safetensors`;
    for (let index = 0; index < count; index++) {
      const bytes = fileOf(`{${entryOf(`t${index}`, '"U8"', "[1]", "[0,1]")}}`, 1);
      writeFileSync(join(folder, file(index)), bytes);
    }
    const entries = Array.from({ length: count }, (_, index) => `"t${index}":"${file(index)}"`);
    writeFileSync(join(folder, "model.safetensors.index.json"), indexOf(entries));
    const openBefore = openFiles();
    const { files, tensors } = await openCheckpoint(nodeStorage, folder, "model");
    expect([files.length, tensors.size]).toEqual([count, count]);
    expect(openFiles()).toBeLessThan(openBefore + 50);
  });
});

/** Files that this process has open, where the system tells. */
function openFiles(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}

describe("an adapter's configuration", () => {
  const weights = fileOf(`{${entryOf("base_model.model.a", '"F32"', "[1]", "[0,4]")}}`, 4);
  const opening = (config: string): Promise<unknown> =>
    openAdapter(
      storageOf({ "/a/adapter_config.json": config, "/a/adapter_model.safetensors": weights }),
      "/a",
    );

  const many = (count: number, start: string): string =>
    Array.from({ length: count }, (_, index) => `"${start}${index}":1`).join(",");
  const lora = '"peft_type":"LORA","r":1,"lora_alpha":1';

  test.each([
    ["of 5 MB", " ".repeat(5 * million), "io/read"],
    ["of 300,000 settings", `{${lora},${many(300_000, "")}}`, "adapter/unsupported"],
    ["of a million arrays within each other", "[".repeat(million), "adapter/configuration"],
    [
      "of 500,000 equal patterns",
      `{${lora},"rank_pattern":{${'"":1,'.repeat(500_000)}"":1}}`,
      "adapter/configuration",
    ],
    ["of 40,000 patterns", `{${lora},"alpha_pattern":{${many(40_000, "layers.")}}}`, "adapter/unsupported"],
  ])("%s is refused", async (_, config, code) => expect(await codesOf(opening(config))).toContain(code));
});

describe("a model's config.json", () => {
  const bytes = fileOf(`{${entryOf("a", '"F32"', "[1]", "[0,4]")}}`, 4);

  test("of 17 MB is refused", async () => {
    const files = storageOf({ "/m/model.safetensors": bytes, "/m/config.json": " ".repeat(17 * million) });
    const checkpoint = await openCheckpoint(files, "/m", "model");
    expect(await codesOf(quantisationOf(files, checkpoint))).toEqual(["io/read"]);
  });

  test.each([
    ["of a million objects within each other", '{"a":'.repeat(million)],
    [
      "with a million settings",
      `{${Array.from({ length: million }, (_, index) => `"${index}":1`).join(",")}}`,
    ],
    ["with a setting of a million items", `{"rope_scaling":{"a":[${"1,".repeat(million)}1]}}`],
    [
      "with a number of a million digits",
      `{"vocab_size":${"1".repeat(million)},"hidden_size":1e${"9".repeat(1000)}}`,
    ],
  ])("%s is compared in a few words, or not at all", async (_, config) => {
    const folder = temporaryFolder();
    const models = ["a", "b"].map((name) =>
      writeCheckpoint(join(folder, name), { w: { dtype: "F32", shape: [1], values: [1] } }),
    );
    mkdirSync(join(folder, "a"), { recursive: true });
    writeFileSync(
      join(folder, "a", "config.json"),
      '{"rope_scaling":{"a":[2]},"vocab_size":1,"hidden_size":1}',
    );
    writeFileSync(join(folder, "b", "config.json"), config);
    const { errors, warnings } = await check({ model_path_list: models, output_path: join(folder, "out") });
    expect(errors).toEqual([]);
    expect(warnings.length).toBeLessThan(5);
    expect(JSON.stringify(warnings).length).toBeLessThan(5000);
  });
});
