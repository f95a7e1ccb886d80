import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";

import type { Recipe } from "../../src/recipe/recipe.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { runRecipe } from "../support/run-recipe.ts";

let folder = "";

beforeEach(() => {
  folder = temporaryFolder();
});

function matrix(first: number, rows: number): TestTensor {
  return {
    dtype: "F32",
    shape: [rows, 2],
    values: Array.from({ length: rows * 2 }, (_, index) => first + index),
  };
}

/** A model whose tensors' first elements are 100 · layer + `first`, and its embeddings' and its head's. */
function model(name: string, first: number, layers: number, rows: number, hasHead: boolean): void {
  const blocks = Array.from({ length: layers }, (_, layer) => [
    `model.layers.${layer}.w.weight`,
    matrix(first + 100 * (layer + 1), 2),
  ]);
  const path = writeCheckpoint(join(folder, name), {
    "model.embed_tokens.weight": matrix(first, rows),
    ...(Object.fromEntries(blocks) as Record<string, TestTensor>),
    ...(hasHead && { "lm_head.weight": matrix(first + 1000, rows) }),
  });
  const config = { num_hidden_layers: layers, vocab_size: rows, tie_word_embeddings: !hasHead };
  writeFileSync(join(path, "config.json"), JSON.stringify(config));
}

function recipe(given: Partial<Recipe>): Recipe {
  return {
    models: [{ path: join(folder, "a") }, { path: join(folder, "b") }],
    combination: { merge: { method: "linear", parameters: { normalize: true } } },
    prefix: "model",
    maxShardBytes: 5e9,
    modelCard: true,
    seed: 42,
    reconcile: true,
    rules: [
      { step: "merge", parameter: "weight", value: 3, source: 0 },
      { step: "merge", parameter: "weight", value: 1 },
    ],
    ...given,
  };
}

describe("a recipe, carried out", () => {
  test("merges the rows that both vocabularies have, and embeddings with a head where it is tied", async () => {
    model("a", 0, 1, 3, false);
    model("b", 8, 1, 2, true);
    const out = join(folder, "out");
    const tensors = await runRecipe(recipe({}), out);
    const valuesOf = (name: string): readonly number[] => [...tensors.get(name)!.values];
    expect(tensors.get("model.embed_tokens.weight")!.shape).toEqual([2, 2]);
    expect(valuesOf("model.embed_tokens.weight")).toEqual([2, 3, 4, 5]);
    expect(valuesOf("lm_head.weight")).toEqual([252, 253, 254, 255]);
    expect(valuesOf("model.layers.0.w.weight")).toEqual([102, 103, 104, 105]);
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toEqual({
      num_hidden_layers: 1,
      vocab_size: 2,
      tie_word_embeddings: false,
    });
  });

  test("stacks slices, each layer with the values of its own", async () => {
    model("a", 0, 3, 2, true);
    model("b", 8, 2, 2, true);
    const out = join(folder, "out");
    const [a, b] = [join(folder, "a"), join(folder, "b")].map((path) => ({ path }));
    const slices = [
      { layers: 2, sources: [{ model: a!, firstLayer: 1 }] },
      {
        layers: 1,
        sources: [
          { model: a!, firstLayer: 0 },
          { model: b!, firstLayer: 1 },
        ],
      },
    ];
    const tensors = await runRecipe(recipe({ slices }), out);
    const firsts = Object.fromEntries([...tensors].map(([name, { values }]) => [name, values[0]]));
    expect(firsts).toEqual({
      "model.embed_tokens.weight": 0,
      "model.layers.0.w.weight": 200,
      "model.layers.1.w.weight": 300,
      "model.layers.2.w.weight": (3 * 100 + 208) / 4,
      "lm_head.weight": (3 * 1000 + 1008) / 4,
    });
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as object;
    expect(config).toMatchObject({ num_hidden_layers: 3 });
  });
});
