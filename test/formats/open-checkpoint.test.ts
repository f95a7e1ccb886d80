import { describe, expect, test } from "vitest";
import { isTensorweldError } from "../../src/errors.ts";
import type { Problem } from "../../src/errors.ts";
import type { WeightPrefix } from "../../src/formats/format.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { quantisationOf, quantisedProblem } from "../../src/formats/quantisation.ts";
import { isWeightFile } from "../../src/formats/weight-files.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { byteEntry, fileOf } from "../../scripts/hostile/safetensors-bytes.ts";

const nothing = new Uint8Array();

/** What a model's folder can hold, best first. */
const wanted: readonly string[] = [
  "model.safetensors.index.json",
  "model.safetensors",
  "model_state.pdparams.index.json",
  "model_state.pdparams",
  "pytorch_model.bin.index.json",
  "pytorch_model.bin",
  "consolidated.00.pth",
  "consolidated.pth",
];

describe("openCheckpoint", () => {
  test("finds the files of the other prefix", async () => {
    const storage = folder({ "master_weights.safetensors": fileOf("{}", 0), "model.safetensors": nothing });
    const { files } = await openCheckpoint(storage, "/m", "master_weights");
    expect(files.map(({ path }) => path)).toEqual(["/m/master_weights.safetensors"]);
  });

  test("takes safetensors before other formats", async () => {
    const storage = folder({ "model_state.pdparams": nothing, "model.safetensors": fileOf("{}", 0) });
    expect((await openCheckpoint(storage, "/m", "model")).format).toBe("safetensors");
  });

  test("refuses a path where nothing is", async () => {
    const problem = await refusal("/nowhere", {});
    expect(problem.code).toBe("checkpoint/not-found");
    expect(problem.file).toBe("/nowhere");
  });

  test("says what to do with a name from the Hugging Face Hub", async () => {
    const { hint } = await refusal("Qwen/Qwen3-0.6B", {});
    expect(hint).toContain("hf download Qwen/Qwen3-0.6B");
  });

  test("says what was looked for and what is there", async () => {
    const problem = await refusal("/m", { "config.json": nothing, "README.md": nothing });
    expect(problem).toEqual({
      code: "checkpoint/no-weights",
      file: "/m",
      message: `holds no weights: looked for ${wanted.join(", ")}; there are README.md, config.json`,
    });
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    ["shards without an index", ["model-00001-of-00002.safetensors"], /add model\.safetensors\.index\.json/],
    [
      "shards of Paddle without an index",
      ["model_state-00001-of-00002.pdparams"],
      /add model_state\.pdparams\.index\.json/,
    ],
    [
      "shards of PyTorch without an index",
      ["pytorch_model-00001-of-00002.bin"],
      /add pytorch_model\.bin\.index\.json/,
    ],
    ["only the other prefix", ["master_weights.safetensors.index.json"], /--merge_prefix master_weights/],
    ["the other prefix of Paddle", ["master_weights.pdparams"], /--merge_prefix master_weights/],
    ["Keras", ["tf_model.h5"], /TensorFlow.* cannot be read yet/],
    ["GGUF", ["model-Q4_K_M.gguf"], /GGUF.* cannot be read yet/],
    ["a LoRA adapter", ["adapter_model.safetensors", "adapter_config.json"], /LoRA adapter/],
    ["a cache folder", ["blobs", "refs", "snapshots"], /inside its snapshots/],
    ["another name", ["consolidated.safetensors"], /give the path of that file/],
    ["another name of Paddle", ["model.pdparams"], /give the path of that file/],
  ])("explains %s", async (_, names, hint) => {
    const problem = await refusal("/m", Object.fromEntries(names.map((name) => [name, nothing])));
    expect(problem.code).toBe("checkpoint/no-weights");
    expect(problem.hint).toMatch(hint);
    for (const name of names) expect(problem.message).toContain(name);
  });

  test("refuses a single file of another format", async () => {
    const problem = await refusal("/m/model.gguf", { "model.gguf": nothing });
    expect(problem.code).toBe("checkpoint/no-weights");
    expect(problem.hint).toContain("GGUF");
  });
});

describe("quantisationOf", () => {
  test.each<readonly [string, unknown, string | undefined]>([
    ["GPTQ", { quantization_config: { quant_method: "gptq", bits: 4 } }, "gptq"],
    [
      "FP8",
      { rope_theta: 1e4, quantization_config: { quant_method: "fp8", weight_block_size: [128, 128] } },
      "fp8",
    ],
    ["early bitsandbytes", { quantization_config: { load_in_4bit: true } }, "bitsandbytes"],
    ["a method without a name", { quantization_config: {} }, "by a method its config.json does not name"],
    ["none", { hidden_size: 64, quantization_config: null }, undefined],
    ["an array", [], undefined],
  ])("reads the configuration: %s", async (_, config, expected) => {
    expect(await quantisation([], JSON.stringify(config))).toBe(expected);
  });

  test.each<readonly [readonly string[], string | undefined]>([
    [["a.qweight", "a.qzeros", "a.scales", "a.g_idx"], "gptq"],
    [["a.qweight", "a.qzeros", "a.scales"], "awq"],
    [["a.weight", "a.SCB"], "bitsandbytes, 8 bits"],
    [["a.weight", "a.weight.absmax", "a.weight.quant_state.bitsandbytes__nf4"], "bitsandbytes, 4 bits"],
    [["a.weight", "a.weight_scale_inv"], "fp8"],
    [["a.weight", "a.bias", "scale.weight"], undefined],
  ])("reads the names %j", async (names, expected) => {
    expect(await quantisation(names)).toBe(expected);
    expect(await quantisation(names, "{broken")).toBe(expected);
  });

  test("is refused by name", async () => {
    const storage = folder({ "model.safetensors": fileOf("{}", 0) });
    const checkpoint = await openCheckpoint(storage, "/m", "model");
    const { code, message } = quantisedProblem(checkpoint, "gptq");
    expect([code, message]).toEqual(["checkpoint/quantised", expect.stringContaining("gptq")]);
  });
});

test.each([
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model-00001-of-00002.bin",
  "pytorch_model.bin.index.json",
  "model_state.pdparams.index.json",
  "consolidated.00.pth",
  "model.Q8_0.gguf",
  "model.onnx_data",
  "tf_model.h5",
  "flax_model.msgpack",
  "optimizer.pt",
  "training_args.bin",
  "trainer_state.json",
])("%s is a weight file", (name) => expect(isWeightFile(name)).toBe(true));

test.each([
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer.model",
  "vocab.txt",
  "merges.txt",
  "chat_template.jinja",
  "LICENSE",
  "README.md",
  "modeling_custom.py",
])("%s is a companion", (name) => expect(isWeightFile(name)).toBe(false));

function folder(files: Readonly<Record<string, Uint8Array>>): ReturnType<typeof memoryStorage> {
  return memoryStorage(new Map(Object.entries(files).map(([name, bytes]) => [`/m/${name}`, bytes])));
}

async function refusal(
  path: string,
  files: Readonly<Record<string, Uint8Array>>,
  prefix: WeightPrefix = "model",
): Promise<Problem> {
  const error = await openCheckpoint(folder(files), path, prefix).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isTensorweldError(error)) throw new Error("it was not refused", { cause: error });
  expect(error.outcome).toBe("refused");
  expect(error.problems).toHaveLength(1);
  return error.problems[0]!;
}

async function quantisation(names: readonly string[], config?: string): Promise<string | undefined> {
  const entries = names.map((name) => byteEntry(name, 0, 0));
  const files = { "model.safetensors": fileOf(`{${entries.join(",")}}`, 0) };
  const configFile = config === undefined ? {} : { "config.json": new TextEncoder().encode(config) };
  const storage = folder({ ...files, ...configFile });
  return quantisationOf(storage, await openCheckpoint(storage, "/m", "model"));
}
