import { expect, test } from "vitest";
import { noticesOf, problemsOf, recipeOf, rulesOf } from "./parsing.ts";

// Section 1.5 of the specification of mergekit's recipes: which of several values of a parameter holds.

const sliced = `merge_method: linear
modules:
  default:
    slices:
      - sources:
          - { model: a, layer_range: [0, 1], parameters: { weight: 1 } }
          - { model: b, layer_range: [0, 1], parameters: { weight: [{ filter: mlp, value: 2 }] } }
        parameters: { weight: 3, normalize: true }
      - sources:
          - { model: a, layer_range: [1, 2] }
          - { model: b, layer_range: [1, 2], parameters: { weight: 4 } }
    parameters: { weight: [{ filter: attn, value: 5 }], normalize: false }
parameters: { weight: 6, normalize: true }`;

test("a source's comes before the slice's, the module's and the recipe's", async () => {
  expect(await rulesOf(sliced, "weight")).toEqual([
    { value: 1, slice: 0, source: 0 },
    { value: 2, filter: "mlp", slice: 0, source: 1 },
    { value: 4, slice: 1, source: 1 },
    { value: 3, slice: 0 },
    { value: 5, filter: "attn" },
    { value: 6 },
  ]);
  expect(await rulesOf(sliced, "normalize")).toEqual([
    { value: true, slice: 0 },
    { value: false },
    { value: true },
  ]);
});

test("parameters of models are those of sources; of whole models there are no slices", async () => {
  const text = `merge_method: linear
models:
  - { model: a, parameters: { weight: [0, 1] } }
  - { model: b }
parameters: { weight: 2 }`;
  expect(await rulesOf(text, "weight")).toEqual([{ value: [0, 1], source: 0 }, { value: 2 }]);
});

test("sources are numbered as they are merged: without the base, or with it first", async () => {
  const models = `models:
  - { model: b, parameters: { weight: 1 } }
  - { model: a }
  - { model: c, parameters: { weight: 2 } }`;
  expect(await rulesOf(`merge_method: ties\nbase_model: a\n${models}`, "weight")).toEqual([
    { value: 1, source: 0 },
    { value: 2, source: 1 },
  ]);
});

test("the method's default is the combination's, and all that mergekit fixes is there", async () => {
  const text = "merge_method: ties\nbase_model: a\nmodels: [{ model: b, parameters: { weight: 1 } }]";
  expect((await recipeOf(text)).combination).toEqual({
    sparsify: {
      method: "trim",
      parameters: expect.objectContaining({ reserve: 1, rescale: false }) as object,
    },
    merge: { method: "ties", parameters: { elect: "sum", normalize: true, scale: 1 } },
  });
});

test("a required parameter without any value is refused at each model that lacks it", async () => {
  const text = `merge_method: ties
base_model: a
models:
  - model: a
  - model: b
  - model: c
    parameters: { weight: 1 }
  - model: d`;
  expect(await problemsOf(text)).toEqual([
    "r.yml:5:5: weight is missing: ties needs one for each model (add parameters: { weight: … })",
    "r.yml:8:5: weight is missing: ties needs one for each model (add parameters: { weight: … })",
  ]);
});

test("a required parameter of all models is refused at the method, or at each slice that lacks it", async () => {
  const whole = "base_model: a\nmodels: [{ model: b }]\nmerge_method: slerp";
  expect(await problemsOf(whole)).toEqual([
    "r.yml:3:15: slerp needs the parameter t (add t to the parameters: of the recipe)",
  ]);
  const slice = "sources: [{ model: a, layer_range: [0, 1] }, { model: b, layer_range: [0, 1] }]";
  const text = `merge_method: slerp\nbase_model: a\nslices:\n  - ${slice}\n    parameters: { t: 1 }\n  - ${slice}`;
  expect(await problemsOf(text)).toEqual([expect.stringContaining("r.yml:6:5: slerp needs the parameter t")]);
});

test("a required parameter with filters only is left to planning", async () => {
  const text = `merge_method: linear
models: [{ model: a }]
parameters: { weight: [{ filter: mlp, value: 1 }] }`;
  expect((await recipeOf(text)).combination.merge.parameters).not.toHaveProperty("weight");
});

test("a parameter that is one for all models is refused under a model, where mergekit overlooks it", async () => {
  const text = `merge_method: slerp
base_model: a
models:
  - model: b
    parameters: { t: 0.5 }
parameters: { t: 0.5 }`;
  expect(await problemsOf(text)).toEqual([
    "r.yml:5:19: t of slerp is one for all models, not for each (move it to the parameters: of the recipe, or of the slice)",
  ]);
});

test("what is set for the base has no effect, since it has no difference to itself; that is told", async () => {
  const text = `merge_method: ties
base_model: a
models:
  - { model: a, parameters: { density: 0.5 } }
  - { model: b, parameters: { weight: 1 } }`;
  expect(await noticesOf(text)).toEqual([
    "r.yml:4:31: density of the base has no effect: what is merged are differences to it.",
  ]);
});

test("what mergekit takes and what changes nothing is told", async () => {
  const text = `merge_method: task_arithmetic
base_model: a
models: [{ model: b, parameters: { weight: 1, density: 0.5 } }]
parameters: { int8_mask: true, rescale: 1 }`;
  expect(await noticesOf(text)).toEqual([
    expect.stringContaining("r.yml:3:47: density has no effect: "),
    expect.stringContaining("r.yml:4:15: int8_mask has no effect: "),
    expect.stringContaining("r.yml:4:32: rescale has no effect: "),
  ]);
});
