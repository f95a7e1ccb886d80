import { describe, expect, test } from "vitest";
import { noticesOf, parse, problemsOf, recipeOf } from "./parsing.ts";

// Section 1.2 of the specification of mergekit's recipes: models, slices, sources, modules.

/** A passthrough of one slice. */
const slice = (source: string): string =>
  `merge_method: passthrough\nslices:\n  - sources:\n      - ${source}`;

test("models: each has a model, and may have parameters", async () => {
  const text = "merge_method: passthrough\nmodels:\n  - model: a\n    parameters: { scale: 0.5 }";
  expect(await recipeOf(text)).toMatchObject({
    models: [{ path: "/here/a" }],
    rules: [{ step: "merge", parameter: "scale", value: 0.5, source: 0 }],
  });
  expect(await problemsOf("merge_method: passthrough\nmodels:\n  - parameters: { scale: 0.5 }")).toEqual([
    "r.yml:3:5: an item of models without model (add model: The model.)",
  ]);
});

test("slices: sources are runs of layers, the end exclusive", async () => {
  const text = `merge_method: passthrough
slices:
  - sources: [{ model: a, layer_range: [0, 8] }]
  - sources: [{ model: b, layer_range: [4, 12] }]
  - sources: [{ model: a, layer_range: [8, 9] }]`;
  expect(await recipeOf(text)).toEqual({
    models: [{ path: "/here/a" }, { path: "/here/b" }],
    combination: expect.anything() as object,
    slices: [
      { layers: 8, sources: [{ model: { path: "/here/a" }, firstLayer: 0 }] },
      { layers: 8, sources: [{ model: { path: "/here/b" }, firstLayer: 4 }] },
      { layers: 1, sources: [{ model: { path: "/here/a" }, firstLayer: 8 }] },
    ],
    reconcile: true,
  });
});

test.each([
  "[8, 4]",
  "[4, 4]",
  "[-1, 4]",
  "[0, 1.5]",
  "[0]",
  "[0, 1, 2]",
  "[a, b]",
  "8",
  "{ start: 0 }",
  "[0, 1e9]",
])("layer_range: %s is refused where it stands", async (range) => {
  const [problem, ...others] = await problemsOf(slice(`{ model: a, layer_range: ${range} }`));
  expect(others).toEqual([]);
  expect(problem).toMatch(/^r\.yml:4:34: layer_range: expected two whole numbers \[start, end\]/);
});

test("layer_range and model are required", async () => {
  expect(await problemsOf(slice("{ model: a }"))).toEqual([
    expect.stringContaining("r.yml:4:9: a source of a slice without layer_range"),
  ]);
  expect(await problemsOf(slice("{ layer_range: [0, 1] }"))).toEqual([
    expect.stringContaining("a source of a slice without model"),
  ]);
});

test("a slice without sources is refused", async () => {
  expect(await problemsOf("merge_method: passthrough\nslices: [{ sources: [] }]")).toEqual([
    "r.yml:2:12: a slice without sources (name at least one)",
  ]);
  expect(await problemsOf("merge_method: passthrough\nslices: [{ parameters: {} }]")).toEqual([
    expect.stringContaining("a slice without sources (add sources:"),
  ]);
});

test("all sources of a slice have as many layers", async () => {
  const text = `merge_method: linear
slices:
  - sources:
      - { model: a, layer_range: [0, 4] }
      - { model: b, layer_range: [0, 5] }
parameters: { weight: 1 }`;
  expect(await problemsOf(text)).toEqual([
    "r.yml:5:9: has 5 layers, where the first source of the slice has 4 (give all sources of a slice ranges of one length)",
  ]);
});

test("one model twice in a slice, of which mergekit merges the last only, is refused", async () => {
  const text = "merge_method: linear\nmodels: [{ model: a }, { model: /here/a }]\nparameters: { weight: 1 }";
  expect(await problemsOf(text)).toEqual([
    "r.yml:2:24: /here/a is listed twice, of which mergekit would merge one only (list each model once, with the sum of its weights)",
  ]);
});

test("a slice's base_model is in place of the recipe's, for this slice only", async () => {
  const text = `merge_method: slerp
base_model: a
slices:
  - sources: [{ model: a, layer_range: [0, 2] }, { model: b, layer_range: [0, 2] }]
  - sources: [{ model: a, layer_range: [2, 4] }, { model: b, layer_range: [2, 4] }]
    base_model: b
parameters: { t: 0.5 }`;
  const { slices, donor } = await recipeOf(text);
  expect(slices?.map(({ sources }) => sources.map(({ model }) => model.path))).toEqual([
    ["/here/a", "/here/b"],
    ["/here/b", "/here/a"],
  ]);
  // The recipe's own base leads anyway.
  expect(donor).toBeUndefined();
});

test("a slice's base_model is not added to its sources", async () => {
  const text = `merge_method: slerp
slices:
  - sources: [{ model: a, layer_range: [0, 2] }, { model: b, layer_range: [0, 2] }]
    base_model: c
parameters: { t: 0.5 }`;
  expect(await problemsOf(text)).toEqual([
    "r.yml:3:5: the base model is not among the sources of this slice, and slerp has to know its layers (add it to the sources, with the layer_range that it has here)",
  ]);
});

test("residual_weight has no effect, which is told", async () => {
  const text = `${slice("{ model: a, layer_range: [0, 1] }")}\n    residual_weight: 0.5`;
  expect(await noticesOf(text)).toEqual(["r.yml:5:5: residual_weight has no effect, as in mergekit."]);
});

describe("modules", () => {
  test("the one called default says what the recipe could say without", async () => {
    const inside = `models: [{ model: a, parameters: { scale: 2 } }]`;
    const { merges } = await parse(`merge_method: passthrough\nmodules:\n  default:\n    ${inside}`);
    expect(merges).toEqual((await parse(`merge_method: passthrough\n${inside}`)).merges);
    const sliced = `slices: [{ sources: [{ model: a, layer_range: [0, 1] }] }]`;
    expect((await parse(`merge_method: passthrough\nmodules: { default: { ${sliced} } }`)).merges).toEqual(
      (await parse(`merge_method: passthrough\n${sliced}`)).merges,
    );
  });

  test("others are refused by name, as not available yet", async () => {
    const text = `merge_method: passthrough
modules:
  text_decoder: { models: [{ model: a }] }
  vision_tower: { models: [{ model: a }] }`;
    expect(await problemsOf(text)).toEqual([
      expect.stringContaining('r.yml:3:3: the module "text_decoder" is not available yet'),
      expect.stringContaining('r.yml:4:3: the module "vision_tower" is not available yet'),
    ]);
  });

  test("have exactly one of models and slices", async () => {
    expect(await problemsOf("merge_method: passthrough\nmodules: { default: { parameters: {} } }")).toEqual([
      expect.stringContaining("r.yml:2:21: expected exactly one of models, slices, got none"),
    ]);
  });
});
