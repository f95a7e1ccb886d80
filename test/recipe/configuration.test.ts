import * as fc from "fast-check";
import { expect, test } from "vitest";

import { floatTypes } from "../../src/dtype.ts";
import { parseConfigFile } from "../../src/recipe/config-file.ts";
import { parseRequest } from "../../src/recipe/config.ts";
import { configurationOf } from "../../src/recipe/configuration.ts";
import type { Recipe } from "../../src/recipe/recipe.ts";
import { context } from "./context.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const path = fc.string({ unit: "grapheme", minLength: 1 }).map((name) => `/models/${name}`);

const recipes: fc.Arbitrary<Recipe> = fc
  .array(fc.tuple(path, finite), { minLength: 2, maxLength: 5 })
  .chain((models) =>
    fc.record(
      {
        models: fc.constant(models.map(([name]) => name)),
        base: path,
        merge: fc.constant({
          method: "linear",
          parameters: { weight: models.map(([, weight]) => weight), normalize: false },
        }),
        prefix: fc.constantFrom("model", "master_weights"),
        dtype: fc.constantFrom(...floatTypes),
        maxShardBytes: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        companions: fc.array(fc.constantFrom("config.json", "tokenizer.json", "a b", "été")),
        seed: fc.maxSafeNat(),
      },
      { requiredKeys: ["models", "merge", "prefix", "maxShardBytes", "seed"] },
    ),
  );

function reread(recipe: Recipe): Recipe {
  const file = parseConfigFile(configurationOf(recipe), "merge_config.json");
  return parseRequest({ ...file, output_path: "/merged" }, context).recipe;
}

test("a recipe that is written and read again is the same", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      expect(reread(recipe)).toEqual(recipe);
    }),
  );
});

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
      "max_shard_size": 5000000000
    }
    "
  `);
});
