import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";

import type { TensorweldError } from "../../src/errors.ts";
import type { Combination } from "../../src/methods/formula.ts";
import type { ModelReference, Recipe } from "../../src/recipe/recipe.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { randomNumbers } from "../support/random-numbers.ts";
import { runRecipe } from "../support/run-recipe.ts";

let folder = "";

beforeEach(() => {
  folder = temporaryFolder();
});

const stored = (name: string): ModelReference => ({ path: join(folder, name) });
const merge = (name: string): ModelReference => ({ path: name, merge: name });

function recipe(
  models: readonly ModelReference[],
  merge: Combination["merge"],
  given: Partial<Recipe> = {},
): Recipe {
  return {
    models,
    combination: { merge },
    prefix: "model",
    maxShardBytes: 5e9,
    modelCard: true,
    seed: 42,
    reconcile: true,
    ...given,
  };
}

const linear = (...weight: readonly number[]): Combination["merge"] => ({
  method: "linear",
  parameters: { weight, normalize: false },
});
const slerp: Combination["merge"] = {
  method: "slerp",
  parameters: { alpha: 0.3, eps: 1e-8, dotThreshold: 0.9995 },
};

/** Models of two layers with the numbers that a seed gives. */
function writeModels(...names: readonly string[]): void {
  for (const [seed, name] of names.entries()) {
    const tensor = (more: number, rows: number) =>
      ({ dtype: "F32", shape: [rows, 8], values: randomNumbers(rows * 8, 10 * seed + more) }) as const;
    const path = writeCheckpoint(join(folder, name), {
      "model.embed_tokens.weight": tensor(1, 4),
      "model.layers.0.w.weight": tensor(2, 6),
      "model.layers.1.w.weight": tensor(3, 6),
    });
    writeFileSync(join(path, "config.json"), JSON.stringify({ name, num_hidden_layers: 2, vocab_size: 4 }));
  }
}

async function valuesOf(made: Recipe, output: string): Promise<Readonly<Record<string, readonly number[]>>> {
  const tensors = await runRecipe(made, join(folder, output));
  return Object.fromEntries([...tensors].map(([name, { values }]) => [name, [...values]]));
}

describe("a merge that another one names", () => {
  test("goes into it without being written: as if it had been, but for one rounding less", async () => {
    writeModels("a", "b", "c");
    const first = recipe([stored("a"), stored("b")], slerp);
    const chained = recipe([merge("first"), stored("c")], slerp, {
      merges: [{ name: "first", recipe: first }],
    });
    const once = await valuesOf(chained, "once");
    await valuesOf(first, "first");
    const twice = await valuesOf(recipe([stored("first"), stored("c")], slerp), "twice");
    for (const [name, values] of Object.entries(once))
      for (const [index, value] of values.entries()) expect(value).toBeCloseTo(twice[name]![index]!, 5);
  });

  test("may be a base, and be named by several", async () => {
    writeModels("a", "b", "c");
    const [a, b, c] = [stored("a"), stored("b"), stored("c")];
    const merges = [
      { name: "ab", recipe: recipe([a, b], linear(0.5, 0.5)) },
      { name: "abc", recipe: recipe([merge("ab"), c], linear(0.5, 0.5)) },
    ];
    const last = recipe([merge("abc"), b], linear(0.5, 2), { base: merge("ab"), merges });
    const made = await valuesOf(last, "out");
    const raw = await Promise.all(
      [a, b, c].map((model, at) => valuesOf(recipe([model], linear(1)), `raw${at}`)),
    );
    const [x, y, z] = raw.map((tensors) => tensors["model.layers.1.w.weight"]!);
    for (const [at, value] of made["model.layers.1.w.weight"]!.entries()) {
      const base = (x![at]! + y![at]!) / 2;
      const expected = base + 0.5 * ((base + z![at]!) / 2 - base) + 2 * (y![at]! - base);
      expect(value).toBeCloseTo(expected, 5);
    }
  });

  test("has random numbers of its own", async () => {
    writeModels("zero");
    const ones = { dtype: "F32", shape: [1000], values: Array.from({ length: 1000 }, () => 1) } as const;
    writeCheckpoint(join(folder, "zero"), { w: { ...ones, values: ones.values.map(() => 0) } });
    writeCheckpoint(join(folder, "one"), { w: ones });
    const dare: Combination = {
      sparsify: { method: "dare", parameters: { reserve: 0.5, rescale: false } },
      merge: linear(1),
    };
    const given = { base: stored("zero"), combination: dare };
    const thinned = recipe([stored("one")], linear(1), given);
    const twice = recipe([merge("thinned")], linear(1), {
      ...given,
      merges: [{ name: "thinned", recipe: thinned }],
    });
    const kept = (await valuesOf(twice, "out"))["w"]!.filter((value) => value === 1).length;
    // With the same numbers in both half would be kept; independent ones leave a quarter, give or take 14 (σ).
    expect(kept).toBeGreaterThan(180);
    expect(kept).toBeLessThan(320);
  });

  test("may stack layers, and hands on its number of them, and what it is alone stays what it is", async () => {
    writeModels("a", "b");
    const layers = (first: number, count: number) => ({
      layers: count,
      sources: [{ model: stored("a"), firstLayer: first }],
    });
    const tall = recipe([stored("a")], linear(1), { slices: [layers(0, 2), layers(1, 1)] });
    const merges = [{ name: "tall", recipe: tall }];
    const made = await valuesOf(recipe([merge("tall")], linear(1), { merges }), "out");
    const direct = await valuesOf(tall, "direct");
    expect(made).toEqual(direct);
    const config = JSON.parse(readFileSync(join(folder, "out", "config.json"), "utf8")) as object;
    expect(config).toEqual({ name: "a", num_hidden_layers: 3, vocab_size: 4 });
  });

  test("is told by its name, with the files of all that went into it", async () => {
    writeModels("a", "b", "c");
    const first = recipe([stored("a"), stored("b")], linear(1, 1));
    const merges = [{ name: "first", recipe: first }];
    const made = recipe([merge("first"), stored("c")], linear(1, 1), { merges, source: "a: b\n" });
    await valuesOf(made, "out");
    const record = JSON.parse(readFileSync(join(folder, "out", "merge_config.json"), "utf8")) as {
      provenance: { inputs: { name: string; files: unknown[] }[] };
    };
    expect(record.provenance.inputs.map(({ name, files }) => [name, files.length])).toEqual([
      ["first", 2],
      ["c", 1],
    ]);
  });
});

describe("a chain is refused", () => {
  const refusal = async (made: Recipe): Promise<unknown> =>
    runRecipe(made, join(folder, "out")).then(
      () => expect.fail("it should have been refused"),
      (error: TensorweldError) => error.problems,
    );

  test("for what is wrong with an earlier merge", async () => {
    writeModels("a");
    const merges = [{ name: "first", recipe: recipe([stored("a"), stored("nowhere")], linear(1, 1)) }];
    expect(await refusal(recipe([merge("first")], linear(1), { merges }))).toMatchObject([
      { code: "checkpoint/not-found" },
    ]);
  });

  test("when an adapter is to be added to a merge", async () => {
    writeModels("a");
    const merges = [{ name: "first", recipe: recipe([stored("a")], linear(1)) }];
    const adapted = { ...merge("first"), adapter: join(folder, "lora") };
    mkdirSync(adapted.adapter);
    expect(await refusal(recipe([adapted], linear(1), { merges }))).toMatchObject([
      { code: "request/not-available", file: "first" },
    ]);
  });

  test("when rows of what it merges on the way would be cut", async () => {
    writeModels("a", "b", "c");
    const shape = [3, 8];
    const values = randomNumbers(24, 1);
    const layer = { dtype: "F32", shape: [6, 8], values: randomNumbers(48, 2) } as const;
    writeCheckpoint(join(folder, "c"), {
      "model.embed_tokens.weight": { dtype: "F32", shape, values },
      "model.layers.0.w.weight": layer,
      "model.layers.1.w.weight": layer,
    });
    const merges = [{ name: "first", recipe: recipe([stored("a"), stored("b")], slerp) }];
    expect(await refusal(recipe([merge("first"), stored("c")], linear(1, 1), { merges }))).toMatchObject([
      { code: "plan/tensor-shape", message: expect.stringContaining("4 rows in an earlier merge") },
    ]);
  });

  test("when merges of merges read more than can be", async () => {
    writeModels("a");
    const steps = Array.from({ length: 40 }, (_, step) => ({
      name: `m${step}`,
      recipe: recipe(
        step === 0 ? [stored("a"), stored("a")] : [merge(`m${step - 1}`), merge(`m${step - 1}`)],
        linear(1, 1),
      ),
    }));
    const problems = await refusal(recipe([merge("m39"), stored("a")], linear(1, 1), { merges: steps }));
    expect(problems).toMatchObject([{ message: "is made of 1024 tensors, and at most 1000 can be" }, {}, {}]);
  });
});
