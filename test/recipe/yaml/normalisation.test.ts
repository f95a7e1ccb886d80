import { describe, expect, test } from "vitest";
import { problemsOf, recipeOf } from "./parsing.ts";

// Section 1.6 of the specification of mergekit's recipes: what is made of models, slices and the base.

interface Shape {
  readonly models: readonly string[];
  readonly base?: string;
  readonly donor?: string;
}

async function shapeOf(text: string): Promise<Shape> {
  const { models, base, donor } = await recipeOf(text);
  const paths = models.map(({ path }) => path.replace("/here/", ""));
  const nameOf = (path: string): string => path.replace("/here/", "");
  return {
    models: paths,
    ...(base && { base: nameOf(base.path) }),
    ...(donor && { donor: nameOf(donor.path) }),
  };
}

const recipe = (method: string, models: string, rest = ""): string =>
  `merge_method: ${method}\nmodels: [${Array.from(models, (name) => `{ model: ${name} }`).join(", ")}]\n${rest}`;

const weights = "parameters: { weight: 1 }";

describe("the base of whole models", () => {
  test("is what differences are taken to, whether it is listed or not", async () => {
    for (const models of ["abc", "bc", "bac"])
      expect(await shapeOf(recipe("ties", models, `base_model: a\n${weights}`))).toEqual({
        models: ["b", "c"],
        base: "a",
      });
  });

  test("is the first of the two models of slerp, listed or not: t = 0 is the base", async () => {
    for (const models of ["ab", "b", "ba"])
      expect(await shapeOf(recipe("slerp", models, "base_model: a\nparameters: { t: 0.5 }"))).toEqual({
        models: ["a", "b"],
      });
  });

  test("is merged like the others, last when it is not listed, and its files are the output's", async () => {
    expect(await shapeOf(recipe("karcher", "bc", "base_model: a"))).toEqual({
      models: ["b", "c", "a"],
      donor: "a",
    });
    expect(await shapeOf(recipe("karcher", "bac", "base_model: a"))).toEqual({
      models: ["b", "a", "c"],
      donor: "a",
    });
    expect(await shapeOf(recipe("karcher", "abc", "base_model: a"))).toEqual({ models: ["a", "b", "c"] });
    expect(await shapeOf(recipe("karcher", "bc"))).toEqual({ models: ["b", "c"] });
  });

  test("needs a weight of its own where each model does", async () => {
    const text = `merge_method: linear\nbase_model: a\nmodels: [{ model: b, parameters: { weight: 1 } }]`;
    expect(await problemsOf(text)).toEqual([
      "r.yml:2:13: weight is missing: linear needs one for each model, and merges the base like any other (list the base with its weight, or leave base_model out)",
    ]);
    expect(await shapeOf(`${text}\n${weights}`)).toEqual({ models: ["b", "a"], donor: "a" });
  });

  test("is optional where differences are not all that is merged", async () => {
    expect(await shapeOf(recipe("multislerp", "bc", weights))).toEqual({ models: ["b", "c"] });
    expect(await shapeOf(recipe("multislerp", "bc", `base_model: a\n${weights}`))).toEqual({
      models: ["b", "c"],
      base: "a",
    });
  });

  test.each(["ties", "slerp", "sce", "nearswap", "model_stock"])("is asked for: %s", async (method) => {
    expect(await problemsOf(recipe(method, "bc"))).toContainEqual(
      `r.yml:1:15: ${method} needs a base model (add base_model: with the model that the others were trained from)`,
    );
  });
});

describe("the base of slices", () => {
  const slices = (method: string, models: string): string =>
    `merge_method: ${method}\nbase_model: a\nslices:\n  - sources: [${Array.from(
      models,
      (name, index) => `{ model: ${name}, layer_range: [${index}, ${index + 1}] }`,
    ).join(", ")}]\n${weights}`;

  test("is taken out of the sources, with its layers", async () => {
    expect(await recipeOf(slices("task_arithmetic", "bac"))).toMatchObject({
      models: [{ path: "/here/b" }, { path: "/here/c" }],
      base: { path: "/here/a" },
      slices: [
        {
          sources: [
            { model: { path: "/here/b" }, firstLayer: 0 },
            { model: { path: "/here/c" }, firstLayer: 2 },
          ],
          base: { model: { path: "/here/a" }, firstLayer: 1 },
        },
      ],
    });
  });

  test("is not added; without it such a slice can't be merged", async () => {
    expect(await problemsOf(slices("task_arithmetic", "bc"))).toEqual([
      expect.stringContaining("r.yml:4:5: the base model is not among the sources of this slice"),
    ]);
  });

  test("is no part of slices that do without one, but its files are the output's", async () => {
    const { models, base, donor } = await recipeOf(slices("linear", "bc"));
    expect([models.length, base, donor]).toEqual([2, undefined, { path: "/here/a" }]);
  });
});

describe("the number of models", () => {
  test.each([
    ["slerp", "bcd", "base_model: b\nparameters: { t: 1 }", "slerp takes 1 to 2 models, got 3"],
    ["slerp", "bc", "base_model: a\nparameters: { t: 1 }", "slerp takes 1 to 2 models, got 3"],
    [
      "nearswap",
      "bc",
      "base_model: a\nparameters: { t: 1 }",
      "nearswap takes exactly 1 model beside the base, got 2",
    ],
    ["passthrough", "bc", "", "passthrough takes exactly 1 model, got 2"],
    ["model_stock", "b", "base_model: a", "model_stock takes at least 2 models beside the base, got 1"],
    ["ties", "a", `base_model: a\n${weights}`, "ties takes at least 1 model beside the base, got 0"],
  ])("%s of %s", async (method, models, rest, message) => {
    const [problem, ...others] = await problemsOf(recipe(method, models, rest));
    expect(others).toEqual([]);
    expect(problem).toContain(`r.yml:2:1: ${message}`);
  });

  test("is that of each slice", async () => {
    const source = (name: string): string => `{ model: ${name}, layer_range: [0, 1] }`;
    const text = `merge_method: passthrough\nslices:\n  - sources: [${source("a")}]\n  - sources: [${source("a")}, ${source("b")}]`;
    expect(await problemsOf(text)).toEqual([
      expect.stringContaining("r.yml:4:5: passthrough takes exactly 1 model, got 2"),
    ]);
  });
});
