import { describe, expect, test } from "vitest";

import { examine } from "../../../src/plan/create.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import type { Recipe, Settings } from "../../../src/recipe/recipe.ts";
import type { Slice } from "../../../src/recipe/slice.ts";
import { llama, recipeFor, type ShapedModel, storedModels } from "../arrangement/arranged.ts";

const settings: Settings = {
  outputPath: "/out",
  workers: 1,
  memoryBytes: 1e9,
  allowNonFinite: false,
  writeReport: false,
  resume: false,
  overwrite: false,
  strict: false,
};

async function planned(models: readonly ShapedModel[], given: Partial<Recipe>): Promise<Plan> {
  const rules = [{ step: "merge", parameter: "weight", value: 1 }] as const;
  const recipe = recipeFor(models.length, { rules, ...given });
  const texts = { metadata: new Map<string, string>(), documents: [], nameless: [] };
  const storage = storedModels(models);
  const request = { recipe, settings, notices: [] };
  const { plan, errors } = await examine(request, async () => texts, storage, undefined);
  if (plan === undefined) throw new Error(JSON.stringify(errors));
  return plan;
}

/** The text of the output's config.json when it is not a copy. */
async function configText(
  models: readonly ShapedModel[],
  given: Partial<Recipe>,
): Promise<string | undefined> {
  const { documents, companions } = await planned(models, given);
  const own = documents.find(({ name }) => name === "config.json");
  expect(companions.some(({ name }) => name === "config.json")).toBe(own === undefined);
  return own?.text;
}

async function config(models: readonly ShapedModel[], given: Partial<Recipe>): Promise<unknown> {
  return JSON.parse((await configText(models, given))!);
}

function slices(...each: readonly (readonly [model: string, first: number, layers: number])[]): Slice[] {
  return each.map(([path, firstLayer, layers]) => ({
    layers,
    sources: [{ model: { path }, firstLayer }],
  }));
}

describe("config.json of the output", () => {
  test("is the donor's, byte for byte, where nothing of it changes", async () => {
    expect(await configText([llama(1), llama(1)], {})).toBeUndefined();
    const typed = { ...llama(1), config: '{"torch_dtype" : "bfloat16"}' };
    expect(await configText([typed], { dtype: "BF16" })).toBeUndefined();
  });

  test("keeps order, layout and numbers as they were written", async () => {
    const text = [
      "{",
      '  "rope_theta": 1e6,',
      '  "torch_dtype": "bfloat16",',
      '  "architectures": [',
      '    "LlamaForCausalLM"',
      "  ],",
      '  "rms_norm_eps": 1.0e-05,',
      '  "caf\\u00e9": {},',
      '  "none": []',
      "}",
      "",
    ].join("\n");
    const changed = await configText([{ ...llama(1), config: text }], { dtype: "F32" });
    expect(changed).toBe(text.replace("bfloat16", "float32"));
    const compact = '{"torch_dtype":"float16","é":[1,{"a":null}]}';
    expect(await configText([{ ...llama(1), config: compact }], { dtype: "BF16" })).toBe(
      compact.replace("float16", "bfloat16"),
    );
  });

  test("names the type that the recipe sets, under either key and in every part of the model", async () => {
    const given = { dtype: "bfloat16", vision_config: { torch_dtype: "float16" }, other: { dtype: "x" } };
    expect(await config([{ ...llama(1), config: given }], { dtype: "F32" })).toEqual({
      dtype: "float32",
      vision_config: { torch_dtype: "float32" },
      other: { dtype: "x" },
    });
  });

  test("has as many layers as the slices, and lists along them, each model's own", async () => {
    const a = { num_hidden_layers: 3, layer_types: ["a0", "a1", "a2"], eos_token_id: [1, 2, 3] };
    const b = { num_hidden_layers: 2, layer_types: ["b0", "b1"] };
    const models = [
      { ...llama(3), config: a },
      { ...llama(2), config: b },
    ];
    const stacked = slices(["/a", 1, 2], ["/b", 1, 1], ["/a", 0, 1]);
    expect(await config(models, { slices: stacked })).toEqual({
      num_hidden_layers: 4,
      layer_types: ["a1", "a2", "b1", "a0"],
      eos_token_id: [1, 2, 3],
    });
  });

  test("has the number of layers where it stood: under another key, or among the text's settings", async () => {
    const stacked = { slices: slices(["/a", 0, 2], ["/a", 1, 1]) };
    expect(await config([{ ...llama(2), config: { n_layer: 2, n_head: 2 } }], stacked)).toEqual({
      n_layer: 3,
      n_head: 2,
    });
    const nested = {
      text_config: { num_hidden_layers: 2 },
      vision_config: { num_hidden_layers: 2 },
    };
    expect(await config([{ ...llama(2), config: nested }], stacked)).toEqual({
      text_config: { num_hidden_layers: 3 },
      vision_config: { num_hidden_layers: 2 },
    });
  });

  test("that says nothing of layers is copied, with a warning", async () => {
    const { warnings } = await planned([{ ...llama(2), config: { a: 1 } }], { slices: slices(["/a", 0, 1]) });
    expect(warnings).toMatchObject([{ code: "check/config", file: "/a/config.json" }]);
  });

  test("has the rows that embeddings are cut to", async () => {
    const rows = (count: number): ShapedModel => ({
      tensors: { ...llama(1).tensors, "model.embed_tokens.weight": [count, 4], "lm_head.weight": [count, 4] },
      config: { vocab_size: count },
    });
    expect(await config([rows(12), rows(10)], { reconcile: true })).toEqual({ vocab_size: 10 });
    expect(await configText([rows(10), rows(12)], { reconcile: true })).toBeUndefined();
  });

  test("does not say that an output layer is tied which is written", async () => {
    const { "lm_head.weight": _, ...tensors } = llama(1).tensors;
    const tied = { tensors, config: { tie_word_embeddings: true } };
    const silent = { tensors, config: {} };
    const own = { ...llama(1), config: { tie_word_embeddings: false } };
    const stored = { ...llama(1), config: { tie_word_embeddings: true } };
    const untied = { tie_word_embeddings: false };
    for (const donor of [tied, silent, stored])
      expect(await config([donor, own], { reconcile: true })).toEqual(untied);
    expect(await configText([own, tied], { reconcile: true })).toBeUndefined();
    expect(await configText([stored, stored], { reconcile: true })).toBeUndefined();
    expect(await configText([tied, tied], { reconcile: true })).toBeUndefined();
  });

  test("comes from the donor that the recipe names", async () => {
    const models = [
      { ...llama(1), config: { dtype: "float16", a: 1 } },
      { ...llama(1), config: { dtype: "float16", b: 1 } },
    ];
    expect(await config(models, { dtype: "F32", donor: { path: "/b" } })).toEqual({ dtype: "float32", b: 1 });
  });

  test("that can't be read is copied as it is, with a warning", async () => {
    const { documents, companions, warnings } = await planned(
      [{ ...llama(1), config: '{"torch_dtype": NaN}' }],
      { dtype: "BF16" },
    );
    expect(documents).toEqual([]);
    expect(companions).toHaveLength(1);
    const message = expect.stringContaining("copied as it is");
    expect(warnings.at(-1)).toMatchObject({ code: "check/config", message });
  });

  test("is not there where it is not among the files to copy", async () => {
    const models = [{ ...llama(1), config: { dtype: "float16" } }];
    const { documents, companions } = await planned(models, { dtype: "F32", companions: [] });
    expect([...documents, ...companions]).toEqual([]);
  });
});
