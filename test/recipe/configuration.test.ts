import * as fc from "fast-check";
import { expect, test } from "vitest";

import { floatTypes } from "../../src/dtype.ts";
import type { Method, Sparsifier } from "../../src/methods/define.ts";
import type { AppliedMethod } from "../../src/methods/formula.ts";
import { methods, parts, sparsifiers } from "../../src/methods/index.ts";
import {
  type Parameter,
  type ParameterValue,
  type ParameterValues,
  withDefaults,
} from "../../src/methods/parameters.ts";
import { parseConfigFile } from "../../src/recipe/config-file.ts";
import { parseRequest } from "../../src/recipe/config.ts";
import { configurationOf } from "../../src/recipe/configuration.ts";
import { flags } from "../../src/recipe/flags.ts";
import { flagOf } from "../../src/recipe/parameters.ts";
import type { ModelReference, Recipe } from "../../src/recipe/recipe.ts";
import { context } from "./context.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const path = fc.string({ unit: "grapheme", minLength: 1 }).map((name) => `/models/${name}`);
const reference: fc.Arbitrary<ModelReference> = fc.record(
  { path, adapter: path },
  { requiredKeys: ["path"] },
);

/** A value that the parameter and its flag accept. */
function valueOf(name: string, parameter: Parameter, models: number): fc.Arbitrary<ParameterValue> {
  if (parameter.kind === "flag") return fc.boolean();
  if (parameter.kind === "choice") return fc.constantFrom(...parameter.choices);
  if (parameter.kind === "per-model") return fc.array(finite, { minLength: models, maxLength: models });
  const { minimum = -10, maximum = 10, above } = { ...parameter, ...flags.get(flagOf(name)!) };
  const bounds = { min: above ?? minimum, minExcluded: above !== undefined, max: maximum };
  return fc.double({ ...bounds, noNaN: true }).map((value) => (value === 0 ? 0 : value));
}

/** The method with values of all its parameters that have flags, none in conflict with another. */
function applied(method: Method | Sparsifier, models: number): fc.Arbitrary<AppliedMethod> {
  const values = Object.entries(method.parameters)
    .filter(([name]) => flagOf(name) !== undefined)
    .map(([name, parameter]) => [name, valueOf(name, parameter, models)] as const);
  const conflict = (given: ParameterValues): string | undefined =>
    method.conflict?.(withDefaults(method.parameters, given, models));
  return fc
    .record(Object.fromEntries(values))
    .filter((parameters) => conflict(parameters) === undefined && canBeNormalised(parameters))
    .map((parameters) => ({ method: method.name, parameters }));
}

/** Whether the weights, where they are to be divided by their sum, have one that is not nearly 0 or infinite. */
function canBeNormalised({ normalize, weight }: ParameterValues): boolean {
  if (normalize !== true || !Array.isArray(weight)) return true;
  const weights: readonly number[] = weight;
  return weights.every((one) => one > 0) && Number.isFinite(weights.reduce((sum, one) => sum + one, 0));
}

function recipesOf(method: Method, sparsifier: Sparsifier | undefined): fc.Arbitrary<Recipe> {
  const { minimum, maximum = 5 } = method.models;
  return fc.array(reference, { minLength: minimum, maxLength: maximum }).chain((models) =>
    fc.record(
      {
        models: fc.constant(models),
        base: reference,
        combination: fc.record({
          ...(sparsifier && { sparsify: applied(sparsifier, models.length) }),
          merge: applied(method, models.length),
        }),
        prefix: fc.constantFrom("model", "master_weights"),
        dtype: fc.constantFrom(...floatTypes),
        maxShardBytes: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        companions: fc.array(fc.constantFrom("config.json", "tokenizer.json", "a b", "été")),
        modelCard: fc.boolean(),
        seed: fc.maxSafeNat(),
      },
      { requiredKeys: ["models", "combination", "prefix", "maxShardBytes", "modelCard", "seed"] },
    ),
  );
}

function reread(recipe: Recipe): Recipe {
  const file = parseConfigFile(configurationOf(recipe), "merge_config.json");
  return parseRequest({ ...file, output_path: "/merged" }, context).recipe;
}

const combinations = parts.methods.flatMap((method) =>
  [undefined, ...parts.sparsifiers].map((sparsifier) => ({
    name: `${sparsifier ?? "none"} + ${method}`,
    method: methods.get(method)!,
    sparsifier: sparsifiers.get(sparsifier ?? ""),
  })),
);

test.each(combinations)(
  "a recipe of $name, written and read again, is the same",
  ({ method, sparsifier }) => {
    fc.assert(
      fc.property(recipesOf(method, sparsifier), (recipe) => {
        expect(reread(recipe)).toEqual(recipe);
      }),
    );
  },
);

test("so is one that left everything to the defaults", () => {
  const { recipe } = parseRequest({ model_path_list: ["a", "b"], output_path: "out" }, context);
  expect(reread(recipe)).toEqual(recipe);
});

test("its text has the keys in the order of the flags, and nothing that changes no byte", () => {
  const config = {
    n_process: 4,
    max_memory: "1GB",
    device: "gpu",
    output_path: "out",
    slerp_alpha: 0.3,
    dtype: "bf16",
    base_model_path: "base",
    weight_list: [0.5, 0.25],
    model_path_list: ["a", "b"],
  };
  expect(configurationOf(parseRequest({ ...config, dtype: "bfloat16" }, context).recipe))
    .toMatchInlineSnapshot(`
    "{
      "model_path_list": [
        "/here/a",
        "/here/b"
      ],
      "base_model_path": "/here/base",
      "merge_prefix": "model",
      "merge_method": "linear",
      "weight_list": [
        0.5,
        0.25
      ],
      "normalize": false,
      "seed": 42,
      "dtype": "BF16",
      "max_shard_size": 5000000000,
      "model_card": true
    }
    "
  `);
});

test("a record of the inputs comes last, and is not read again", () => {
  const { recipe } = parseRequest({ model_path_list: ["a", "b"], output_path: "out" }, context);
  const text = configurationOf(recipe, { tool: "tensorweld" });
  expect(text).toMatch(/"model_card": true,\n {2}"provenance": \{\n {4}"tool": "tensorweld"\n {2}\}\n\}\n$/);
  const file = parseConfigFile(text, "merge_config.json");
  expect(parseRequest({ ...file, output_path: "/merged" }, context).recipe).toEqual(recipe);
});

test.each([
  [{ sparsify_type: "trim", merge_type: "slerp" }, '"sparsify_type": "trim",\n  "merge_type": "slerp"'],
  [{ merge_type: "ties" }, '"sparsify_type": "none",\n  "merge_type": "ties"'],
  [{ sparsify_type: "dare", merge_type: "ties" }, '"merge_method": "dare_ties"'],
])("%j is written as %s", (config, text) => {
  const { recipe } = parseRequest({ model_path_list: ["a", "b"], output_path: "out", ...config }, context);
  expect(configurationOf(recipe)).toContain(text);
});

test("a recipe of one adapter and its base survives being written and read again", () => {
  const recipe: Recipe = {
    models: [{ path: "/models/c++/base", adapter: "/models/a+b" }],
    combination: { merge: { method: "linear", parameters: { weight: [1], normalize: true } } },
    prefix: "model",
    maxShardBytes: 5e9,
    modelCard: true,
    seed: 42,
  };
  expect(reread(recipe)).toEqual(recipe);
  expect(JSON.parse(configurationOf(recipe))).toMatchObject({
    base_model_path: "/models/c++++/base",
    lora_model_path: "/models/a+b",
  });
});
