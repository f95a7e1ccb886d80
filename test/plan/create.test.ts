import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { plan } from "../../src/index.ts";
import type { Problem, TensorweldError } from "../../src/errors.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";

const matrix: TestTensor = { dtype: "BF16", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
const vector: TestTensor = { dtype: "F32", shape: [3], values: [1, 2, 3] };
const counter: TestTensor = { dtype: "I64", shape: [], values: [7, 0, 0, 0, 0, 0, 0, 0] };

const bytes: TestTensor = { dtype: "U8", shape: [3], values: [1, 2, 3] };

interface Models {
  readonly folder: string;
  readonly config: { model_path_list: string[]; output_path: string };
}

function models(...tensors: readonly Readonly<Record<string, TestTensor>>[]): Models {
  const folder = temporaryFolder();
  const paths = tensors.map((each, index) => writeCheckpoint(join(folder, `m${index}`), each));
  return { folder, config: { model_path_list: paths, output_path: join(folder, "out") } };
}

async function problemsOf(config: Parameters<typeof plan>[0]): Promise<readonly Problem[]> {
  return plan(config).then(
    () => expect.fail("it should have been refused"),
    (error: TensorweldError) => {
      expect(error.outcome).toBe("refused");
      return error.problems;
    },
  );
}

test("a plan says everything that will happen, as plain data", async () => {
  const { folder, config } = models(
    { w: matrix, n: counter },
    { w: { ...matrix, dtype: "F32" }, n: counter },
  );
  writeFileSync(join(folder, "m0", "config.json"), "{}");
  const made = await plan({ ...config, weight_list: [1, 3], n_process: 2 });
  expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  const { provenance } = JSON.parse(made.documents[0]!.text) as { provenance: unknown };
  const metadata = { format: "pt", tensorweld: JSON.stringify(provenance) };
  const header =
    `{"__metadata__":${JSON.stringify(metadata)},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
    '"w":{"dtype":"BF16","shape":[2,3],"data_offsets":[8,20]}}';
  const size = 8 + Math.ceil(header.length / 8) * 8;
  expect(made).toMatchObject({
    version: 1,
    inputs: [
      { path: join(folder, "m0", "model.safetensors") },
      { path: join(folder, "m1", "model.safetensors") },
    ],
    shards: [{ name: "model.safetensors", size: size + 20 }],
    documents: [{ name: "merge_config.json" }, { name: "README.md" }],
    companions: [{ from: join(folder, "m0", "config.json"), name: "config.json" }],
    schedule: { outputPath: join(folder, "out"), workers: 1 },
    cost: { bytesRead: 12 + 24 + 16, bytesWritten: 20 },
  });
  expect(made.shards[0]!.header.trimEnd()).toBe(header);
  expect(made.tasks).toEqual([
    {
      name: "n",
      shape: [],
      elements: 1,
      operands: [
        { file: 0, offset: expect.any(Number), dtype: "I64" },
        { file: 1, offset: expect.any(Number), dtype: "I64" },
      ],
      hasBase: false,
      chunkElements: 524_288,
      target: { file: 0, offset: size, dtype: "I64" },
    },
    {
      name: "w",
      shape: [2, 3],
      elements: 6,
      combination: { merge: { method: "linear", parameters: { weight: [1, 3], normalize: false } } },
      hasBase: false,
      chunkElements: 524_288,
      operands: [
        { file: 0, offset: expect.any(Number), dtype: "BF16" },
        { file: 1, offset: expect.any(Number), dtype: "F32" },
      ],
      target: { file: 0, offset: size + 8, dtype: "BF16" },
    },
  ]);
});

test("its hash depends on what decides the bytes, and on nothing else", async () => {
  const { folder, config } = models({ w: matrix }, { w: matrix });
  const hash = async (more: object): Promise<string> => (await plan({ ...config, ...more })).hash;
  const first = await hash({});
  // The card's title is the folder's name, and nothing else depends on that.
  const elsewhere = join(folder, "elsewhere", "other");
  expect(await hash({ n_process: 4, max_memory: "64MB", output_path: elsewhere })).toBe(first);
  expect(await hash({ weight_list: [1, 2] })).not.toBe(first);
  expect(await hash({ dtype: "float16" })).not.toBe(first);
  expect(await hash({ model_card: false })).not.toBe(first);
});

test("a base leads: its types, its companions, its metadata", async () => {
  const { folder, config } = models({ w: matrix }, { w: matrix }, { w: { ...matrix, dtype: "F16" } });
  const [first, second, base] = config.model_path_list;
  writeFileSync(join(folder, "m0", "a.json"), "{}");
  writeFileSync(join(folder, "m2", "b.json"), "{}");
  const made = await plan({ ...config, model_path_list: [first!, second!], base_model_path: base! });
  expect(made.tasks[0]!.target.dtype).toBe("F16");
  expect(made.tasks[0]!.hasBase).toBe(true);
  expect(made.tasks[0]!.operands.map(({ dtype }) => dtype)).toEqual(["F16", "BF16", "BF16"]);
  expect(made.companions.map(({ name }) => name)).toEqual(["b.json"]);
});

test("companions are everything but weights, hidden files, folders and what the output has of its own", async () => {
  const { folder, config } = models({ w: matrix }, { w: matrix });
  const names = [
    "config.json",
    "tokenizer.model",
    "chat_template.jinja",
    "merge_config.json",
    "merge_manifest.json",
    "merge_report.json",
    "readme.md",
    ".gitattributes",
  ];
  for (const name of [...names, "pytorch_model.bin", "old.gguf"])
    writeFileSync(join(folder, "m0", name), "x");
  mkdirSync(join(folder, "m0", "onnx"));
  const copied = (made: Awaited<ReturnType<typeof plan>>): readonly string[] =>
    made.companions.map(({ name }) => name);
  expect(copied(await plan(config))).toEqual(["chat_template.jinja", "config.json", "tokenizer.model"]);
  expect(copied(await plan({ ...config, copy_file_list: ["config.json"] }))).toEqual(["config.json"]);
  const [problem] = await problemsOf({ ...config, copy_file_list: ["tokenizer.json"] });
  expect(problem).toMatchObject({ code: "request/invalid-value", key: "copy_file_list" });
});

test("files that the output has of its own can't be asked for", async () => {
  const { folder, config } = models({ w: matrix }, { w: matrix });
  writeFileSync(join(folder, "m0", "Merge_Config.json"), "x");
  writeFileSync(join(folder, "m0", "README.md"), "x");
  const problems = await problemsOf({
    ...config,
    copy_file_list: ["Merge_Config.json", "model.safetensors"],
  });
  expect(problems.map(({ message }) => message)).toEqual([
    'names "Merge_Config.json", which the merge writes itself',
    'names "model.safetensors", which the merge writes itself',
  ]);
  const made = await plan({ ...config, copy_file_list: ["README.md"] });
  expect(made.companions.map(({ name }) => name)).toEqual(["README.md"]);
  expect(made.documents.map(({ name }) => name)).toEqual(["merge_config.json"]);
});

describe("models that don't fit each other", () => {
  test("and differ in a tied output layer only are told so", async () => {
    const { config } = models({ w: vector, "lm_head.weight": matrix }, { w: vector });
    const [problem] = await problemsOf(config);
    expect(problem).toMatchObject({ code: "plan/tensor-names", tensor: "lm_head.weight" });
    expect(problem!.hint).toContain("tie_word_embeddings");
  });

  test("are refused with every name, shape and type that differs", async () => {
    const { folder, config } = models(
      { same: vector, missing: vector, shape: matrix, kind: vector },
      { same: vector, extra: vector, shape: { ...matrix, shape: [3, 2] }, kind: bytes },
    );
    const first = join(folder, "m0");
    const second = join(folder, "m1");
    expect(await problemsOf(config)).toEqual([
      {
        code: "plan/tensor-names",
        tensor: "missing",
        file: second,
        message: `is missing here, and present in ${first}`,
        hint: "merge models of the same architecture, with all their weights",
      },
      {
        code: "plan/tensor-names",
        tensor: "extra",
        file: first,
        message: `is missing here, and present in ${second}`,
        hint: "merge models of the same architecture, with all their weights",
      },
      {
        code: "plan/tensor-shape",
        tensor: "shape",
        file: second,
        message: `has shape [3, 2] here and [2, 3] in ${first}`,
        hint: "one of them is transposed: Paddle stores Linear weights [in, out], PyTorch [out, in]",
      },
      {
        code: "plan/tensor-dtype",
        tensor: "kind",
        file: second,
        message: `is U8 here and F32 in ${first}; only floating-point types are merged`,
      },
    ]);
  });

  test("are listed up to twenty a kind, and counted beyond", async () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`t${index}`, vector]));
    const { config } = models({ ...many, w: vector }, { w: vector });
    const problems = await problemsOf(config);
    expect(problems).toHaveLength(20);
    expect(problems.at(-1)!.message).toContain("5 more tensors likewise");
  });
});

test("broken models, an occupied output and all else that is wrong are reported together", async () => {
  const { folder, config } = models({ w: matrix });
  mkdirSync(config.output_path);
  writeFileSync(join(config.output_path, "notes.txt"), "mine");
  writeFileSync(join(folder, "broken.safetensors"), "short");
  config.model_path_list.push(join(folder, "broken.safetensors"), join(folder, "nowhere"));
  const codes = (await problemsOf(config)).map(({ code }) => code);
  expect(codes).toEqual(["output/exists", "safetensors/too-short", "checkpoint/not-found"]);
});

test("an empty output folder is no obstacle, a file is", async () => {
  const { folder, config } = models({ w: matrix }, { w: matrix });
  mkdirSync(config.output_path);
  expect((await plan(config)).shards).toHaveLength(1);
  const file = join(folder, "file");
  writeFileSync(file, "mine");
  expect((await problemsOf({ ...config, output_path: file }))[0]).toMatchObject({
    code: "output/exists",
    file,
  });
});
