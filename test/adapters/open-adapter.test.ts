import { describe, expect, test } from "vitest";

import { looksLikeAdapter, openAdapter } from "../../src/adapters/adapter.ts";
import { sha256Hex } from "../../src/sha256.ts";
import {
  linear,
  open,
  peftSettings,
  peftStorage,
  problemsOf,
  storageOf,
  text,
  weights,
} from "./small-adapter.ts";

const config = text(peftSettings);
const paddleConfig = text({ r: 2, lora_alpha: 4 });
const factors = weights(linear("q", 3, 5));
const paddleFactors = weights({ "q.lora_A": [5, 2], "q.lora_B": [2, 3] });

test("a folder is an adapter's by the names of its files", () => {
  expect(looksLikeAdapter(["README.md", "adapter_config.json"])).toBe(true);
  expect(looksLikeAdapter(["adapter_model.bin"])).toBe(true);
  expect(looksLikeAdapter(["lora_config.json"])).toBe(true);
  expect(looksLikeAdapter(["config.json", "model.safetensors", "model_state.pdparams"])).toBe(false);
  expect(looksLikeAdapter([])).toBe(false);
});

describe("openAdapter", () => {
  test("reads the settings, and the headers of the weights", async () => {
    const settings = {
      ...peftSettings,
      base_model_name_or_path: "org/model",
      target_modules: ["q", "v"],
      modules_to_save: ["lm_head"],
      bias: "lora_only",
      use_rslora: true,
      rank_pattern: { v: 8 },
      alpha_pattern: { v: 2.5, q: -1 },
    };
    const adapter = await open(peftStorage(settings, linear("q", 3, 5)));
    const { configFile, checkpoint, files } = adapter;
    expect(adapter).toMatchObject({
      path: "/a",
      library: "PEFT",
      rank: 2,
      alpha: 4,
      rankPattern: [{ value: 8 }],
      alphaPattern: [{ value: 2.5 }, { value: -1 }],
      rsLora: true,
      dora: false,
      loraBias: false,
      fanInFanOut: false,
      baseModel: "org/model",
      targets: ["q", "v"],
      modulesToSave: ["lm_head"],
      bias: "lora_only",
      notices: [],
    });
    const bytes = text(settings);
    expect(configFile).toEqual({
      path: "/a/adapter_config.json",
      size: bytes.length,
      modified: 0,
      headerHash: await sha256Hex(new Uint8Array(bytes)),
    });
    expect(checkpoint.files.map(({ path }) => path)).toEqual(["/a/adapter_model.safetensors"]);
    expect(files).toEqual([configFile, ...checkpoint.files]);
  });

  test("takes settings that are absent or null as switched off, and a target by itself as a list", async () => {
    const adapter = await open(
      peftStorage({ use_dora: null, target_modules: "all-linear", bias: null }, linear("q", 3, 5)),
    );
    expect(adapter).toMatchObject({ dora: false, targets: ["all-linear"], modulesToSave: [], bias: "none" });
    expect(adapter).not.toHaveProperty("baseModel");
  });

  test("reads an index before a single file", async () => {
    const index = text({ weight_map: { "base_model.model.q.lora_A.weight": "one.safetensors" } });
    const storage = storageOf({
      "/a/adapter_config.json": config,
      "/a/adapter_model.safetensors": factors,
      "/a/adapter_model.safetensors.index.json": index,
      "/a/one.safetensors": factors,
    });
    const problems = await problemsOf(async () => open(storage));
    expect(problems.map(({ message }) => message)).toEqual([
      "its module has lora_A, and an update has two factors, A and B",
    ]);
  });

  test.each(["/a/adapter_model.safetensors", "/a/style.safetensors"])(
    "takes the weight file %s",
    async (path) => {
      const storage = storageOf({ "/a/adapter_config.json": config, [path]: factors });
      const adapter = await openAdapter(storage, path);
      expect([adapter.path, adapter.library]).toEqual([path, "PEFT"]);
      expect(adapter.weights.changes).toHaveLength(1);
    },
  );

  test.each<readonly [string, string, Uint8Array]>([
    ["PEFT", "adapter_model.safetensors", factors],
    ["PaddleNLP", "peft_model.safetensors", paddleFactors],
  ])("takes the configuration of %s whose weights are there", async (library, name, bytes) => {
    const storage = storageOf({
      "/a/adapter_config.json": config,
      "/a/lora_config.json": paddleConfig,
      [`/a/${name}`]: bytes,
    });
    expect((await open(storage)).library).toBe(library);
    expect((await openAdapter(storage, `/a/${name}`)).library).toBe(library);
  });
});

describe("what is not there", () => {
  test("nothing at all", async () => {
    const [problem] = await problemsOf(async () => open(storageOf({})));
    expect(problem).toMatchObject({ code: "adapter/not-found", file: "/a" });
  });

  test("a configuration", async () => {
    const storage = storageOf({ "/a/adapter_model.safetensors": factors, "/a/README.md": config });
    for (const path of ["/a", "/a/adapter_model.safetensors"]) {
      const problems = await problemsOf(async () => openAdapter(storage, path));
      expect(problems).toEqual([
        {
          code: "adapter/not-found",
          file: path,
          message:
            "is no adapter: looked for adapter_config.json (PEFT) or lora_config.json (PaddleNLP); " +
            "there are adapter_model.safetensors, README.md",
          hint: "give the folder that the adapter was saved to, with its configuration",
        },
      ]);
    }
  });

  test("weights", async () => {
    const [problem, another] = await problemsOf(async () =>
      open(storageOf({ "/a/lora_config.json": paddleConfig })),
    );
    expect(problem?.code).toBe("adapter/not-found");
    expect(problem?.message).toContain(
      "looked for peft_model.safetensors.index.json, peft_model.safetensors",
    );
    expect(another).toBeUndefined();
  });

  test("tensors", async () => {
    const problems = await problemsOf(async () => open(peftStorage({}, {})));
    expect(problems).toMatchObject([{ code: "adapter/weights", message: "holds no tensors" }]);
  });
});

describe("a configuration that can't be read", () => {
  test.each<readonly [string, string, object]>([
    ["{\n  'r': 8}", "is not valid JSON", { line: 2, column: 3 }],
    ['{"r": NaN}', "is not valid JSON", { line: 1, column: 7 }],
    ["", "is not valid JSON", { line: 1, column: 1 }],
    ["[]", "is [], not an object", {}],
    ['{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "r": 3}', '"r" appears twice', {}],
  ])("%j", async (settings, message, place) => {
    const [problem] = await problemsOf(async () => open(peftStorage(settings, linear("q", 3, 5))));
    expect(problem).toMatchObject({
      code: "adapter/configuration",
      file: "/a/adapter_config.json",
      ...place,
    });
    expect(problem?.message).toContain(message);
  });

  test("is not UTF-8", async () => {
    const storage = storageOf({
      "/a/adapter_config.json": new Uint8Array([0x7b, 0xff, 0x7d]),
      "/a/adapter_model.safetensors": factors,
    });
    expect(await problemsOf(async () => open(storage))).toMatchObject([{ message: "is not valid UTF-8" }]);
  });

  test("is too long to be one", async () => {
    const storage = peftStorage(" ".repeat(4_000_001), linear("q", 3, 5));
    expect(await problemsOf(async () => open(storage))).toMatchObject([{ code: "io/read" }]);
  });

  test("is reported with what is wrong with the weight file", async () => {
    const storage = storageOf({
      "/a/adapter_config.json": text("{}"),
      "/a/adapter_model.safetensors": text("short"),
    });
    const codes = (await problemsOf(async () => open(storage))).map(({ code }) => code);
    expect(codes).toEqual(["adapter/configuration", "safetensors/too-short"]);
  });
});
