import { describe, expect, test } from "vitest";

import type { Recipe } from "../../../src/recipe/recipe.ts";
import { type Arranged, arranged, llama, type ShapedModel, sourcesOf } from "./arranged.ts";

const given: Partial<Recipe> = {
  reconcile: true,
  rules: [{ step: "merge", parameter: "weight", value: 1 }],
};

function reconcile(models: readonly ShapedModel[], more: Partial<Recipe> = {}): Promise<Arranged> {
  return arranged(models, { ...given, ...more });
}

function without(model: ShapedModel, ...names: readonly string[]): ShapedModel {
  const kept = Object.entries(model.tensors).filter(([name]) => !names.includes(name));
  return { ...model, tensors: Object.fromEntries(kept) };
}

function withTensors(model: ShapedModel, tensors: ShapedModel["tensors"]): ShapedModel {
  return { ...model, tensors: { ...model.tensors, ...tensors } };
}

function renamed(model: ShapedModel, rename: (name: string) => string): ShapedModel {
  const tensors = Object.entries(model.tensors).map(([name, shape]) => [rename(name), shape]);
  return { ...model, tensors: Object.fromEntries(tensors) as ShapedModel["tensors"] };
}

const tied = without(llama(1), "lm_head.weight");

test("flags' recipes are not reconciled", async () => {
  const { problems } = await arranged([tied, llama(1)], { rules: given.rules! });
  expect(problems).toMatchObject([{ code: "plan/tensor-names", tensor: "lm_head.weight" }]);
});

describe("tied output layers", () => {
  test("are written where one model has its own: embeddings stand in for the others", async () => {
    for (const models of [
      [tied, llama(1)],
      [llama(1), tied],
    ]) {
      const { problems, of, untied, notices } = await reconcile(models);
      expect(problems).toEqual([]);
      expect(untied).toBe(true);
      const head = of("lm_head.weight");
      expect(sourcesOf(head)).toEqual(["a:lm_head.weight", "b:lm_head.weight"]);
      const [first, second] = head.sources.map(({ tensor }) => tensor.name);
      const [own, shared] = ["lm_head.weight", "model.embed_tokens.weight"];
      expect([first, second]).toEqual(models[0] === tied ? [shared, own] : [own, shared]);
      expect(notices).toEqual([expect.stringContaining("model.embed_tokens.weight is its output layer too")]);
    }
  });

  test("are not written where no model has its own", async () => {
    const { problems, untied, tensors } = await reconcile([tied, tied]);
    expect(problems).toEqual([]);
    expect(untied).toBe(false);
    expect(tensors.map(({ name }) => name)).not.toContain("lm_head.weight");
  });

  test("of a base are its embeddings too", async () => {
    const { of } = await reconcile([llama(1), tied], { models: [{ path: "/a" }], base: { path: "/b" } });
    expect(of("lm_head.weight").sources[0]!.tensor.name).toBe("model.embed_tokens.weight");
  });

  test("in slices are looked at in the first and the last", async () => {
    const source = (model: string): { model: { path: string }; firstLayer: number } => ({
      model: { path: model },
      firstLayer: 0,
    });
    const stack = (...order: readonly string[]): Partial<Recipe> => ({
      slices: order.map((path) => ({ layers: 1, sources: [source(path)] })),
    });
    const models = [llama(1), tied];
    const last = await reconcile(models, stack("/a", "/b"));
    expect(last.of("lm_head.weight").sources[0]!.tensor.name).toBe("model.embed_tokens.weight");
    expect(last.untied).toBe(true);
    const middle = await reconcile(models, stack("/b", "/a", "/b"));
    expect(middle.of("lm_head.weight")).toBeUndefined();
    expect(middle.untied).toBe(false);
  });
});

describe("names", () => {
  test("with one part more or less at their start are read as the donor's", async () => {
    const inside = renamed(llama(2), (name) => `language_model.${name}`);
    const bare = renamed(llama(2), (name) => name.replace(/^model\./, ""));
    const { problems, notices, of } = await reconcile([llama(2), inside, bare]);
    expect(problems).toEqual([]);
    expect(notices).toEqual([
      '/b: names are read without "language_model." at their start, as /a has them',
      '/c: names are read with "model." at their start, as /a has them',
    ]);
    const { sources } = of("model.layers.1.mlp.up_proj.weight");
    expect(sources.map(({ tensor }) => tensor.name)).toEqual([
      "model.layers.1.mlp.up_proj.weight",
      "language_model.model.layers.1.mlp.up_proj.weight",
      "layers.1.mlp.up_proj.weight",
    ]);
  });

  test("that would become one are left as they are", async () => {
    const twice = withTensors(tied, { "outer.model.norm.weight": [4] });
    const { problems, notices } = await reconcile([tied, twice]);
    expect(notices).toEqual([]);
    expect(problems).toMatchObject([{ tensor: "outer.model.norm.weight", file: "/a" }]);
  });
});

describe("buffers", () => {
  test("are left out of the output, and told, whoever has them", async () => {
    const old = withTensors(llama(1), {
      "model.layers.0.self_attn.rotary_emb.inv_freq": [2],
      "h.0.attn.bias": [1, 1, 4, 4],
      "h.0.attn.masked_bias": [],
    });
    const { problems, notices, tensors } = await reconcile([old, llama(1)]);
    expect(problems).toEqual([]);
    expect(tensors).toHaveLength(5);
    expect(notices).toEqual([expect.stringMatching(/^left out.*attn\.bias.*masked_bias.*inv_freq/)]);
  });

  test("are none where a weight has such a name", async () => {
    const biased = withTensors(llama(1), { "h.0.attn.bias": [12] });
    const { problems } = await reconcile([biased, llama(1)]);
    expect(problems).toMatchObject([{ code: "plan/tensor-names", tensor: "h.0.attn.bias", file: "/b" }]);
  });
});

describe("vocabularies of unequal size", () => {
  const rows = (count: number): ShapedModel =>
    withTensors(llama(1), { "model.embed_tokens.weight": [count, 4], "lm_head.weight": [count, 4] });

  test("are cut to the rows that all models have, with a warning", async () => {
    const { problems, warnings, of } = await reconcile([rows(12), rows(10), rows(11)]);
    expect(problems).toEqual([]);
    expect(of("lm_head.weight").shape).toEqual([10, 4]);
    expect(warnings).toEqual([
      {
        code: "check/rows",
        tensor: "lm_head.weight",
        file: "/a",
        message: "has 12 rows here, and the first 10 are merged, which all models have",
      },
      {
        code: "check/rows",
        tensor: "model.embed_tokens.weight",
        file: "/a",
        message: "has 12 rows here, and the first 10 are merged, which all models have",
        hint: expect.stringContaining("the same tokens"),
      },
    ]);
  });

  test("are cut to the base's rows where differences to it are merged", async () => {
    const recipe = { models: [{ path: "/b" }], base: { path: "/a" } };
    const { of, problems } = await reconcile([rows(10), rows(12)], recipe);
    expect(problems).toEqual([]);
    expect(of("lm_head.weight").shape).toEqual([10, 4]);
    const short = await reconcile([rows(12), rows(10)], recipe);
    expect(short.problems.map(({ code, file, message }) => [code, file, message])).toEqual([
      ["plan/tensor-shape", "/b", "has 10 rows here and 12 in the base /a, whose rows are all needed"],
      ["plan/tensor-shape", "/b", "has 10 rows here and 12 in the base /a, whose rows are all needed"],
    ]);
  });

  test("are refused where their columns differ, as is any other tensor", async () => {
    const wide = withTensors(llama(1), { "lm_head.weight": [10, 5] });
    expect((await reconcile([llama(1), wide])).problems).toMatchObject([
      { code: "plan/tensor-shape", tensor: "lm_head.weight" },
    ]);
    const long = withTensors(llama(1), { "model.norm.weight": [5] });
    expect((await reconcile([llama(1), long])).problems).toMatchObject([
      { code: "plan/tensor-shape", tensor: "model.norm.weight" },
    ]);
  });
});

test("a tensor that a model lacks is refused with the model and what to do", async () => {
  const { problems } = await reconcile([llama(1), without(llama(1), "model.norm.weight")]);
  expect(problems).toEqual([
    {
      code: "plan/tensor-names",
      tensor: "model.norm.weight",
      file: "/b",
      message: "is missing here, and present in /a",
      hint: "merge models of the same architecture, with all their weights",
    },
  ]);
});
