import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mergeRecipe } from "tensorweld";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/checkpoint.ts";
import { type PlainTensor, readPlainTensors } from "../support/plain-safetensors.ts";

// Every folder is a case, written by scripts/golden_mergekit.py with the published mergekit; a new one needs no code.
const root = fileURLToPath(new URL("mergekit/", import.meta.url));
const models = join(root, "models");
const cases = readdirSync(join(root, "cases")).toSorted();

/** What is refused here in place of a result, by case; docs/compatibility.md says why. */
const refused = new Map([["nuslerp_first_axis", /takes columns for vectors, which this version can't/]]);

/** How far an element may be from mergekit's, as a part of the larger of its size and the tensor's mean size. */
const TOLERANCE = 1e-5;

const settings = [{ n_process: 2 }, { n_process: 1, max_memory: "24MB" }] as const;

describe("a recipe gives what mergekit makes of it", () => {
  test.each(cases.filter((name) => !refused.has(name)))("%s", async (name) => {
    const folder = join(root, "cases", name);
    const outputs: Buffer[] = [];
    for (const setting of settings) {
      const output_path = join(temporaryFolder(), "out");
      await mergeRecipe(recipeOf(folder), { ...setting, output_path });
      outputs.push(readFileSync(join(output_path, "model.safetensors")));
      const found = readPlainTensors(join(output_path, "model.safetensors"));
      expectClose(found, readPlainTensors(join(folder, "expected.safetensors")));
      const config = JSON.parse(readFileSync(join(output_path, "config.json"), "utf8")) as Config;
      const layers = JSON.parse(readFileSync(join(folder, "layers.json"), "utf8")) as number;
      expect(config.num_hidden_layers).toBe(layers);
    }
    expect(outputs[0]!.equals(outputs[1]!)).toBe(true);
  });
});

test.each([...refused])("%s is refused by name", async (name, reason) => {
  const output_path = join(temporaryFolder(), "out");
  await expect(mergeRecipe(recipeOf(join(root, "cases", name)), { output_path })).rejects.toThrow(reason);
  expect(existsSync(output_path)).toBe(false);
});

interface Config {
  readonly num_hidden_layers: number;
}

/** The recipe of a case; the names of models in it become the paths they have here. */
function recipeOf(folder: string): { readonly text: string; readonly file: string } {
  const file = join(folder, "recipe.yml");
  const text = readFileSync(file, "utf8").replaceAll(
    /((?:base_)?model: )(\w+)$/gm,
    (line: string, key: string, name: string) => {
      const path = join(models, name);
      return existsSync(path) ? `${key}${JSON.stringify(path)}` : line;
    },
  );
  return { text, file };
}

function expectClose(
  found: ReadonlyMap<string, PlainTensor>,
  expected: ReadonlyMap<string, PlainTensor>,
): void {
  expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, { dtype, shape, values }] of expected) {
    const tensor = found.get(name)!;
    expect([name, tensor.dtype, tensor.shape]).toEqual([name, dtype, shape]);
    const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
    const worst = values.reduce((most, value, at) => {
      const error = Math.abs(tensor.values[at]! - value) / Math.max(Math.abs(value), mean, Number.MIN_VALUE);
      return Number.isNaN(error) ? Infinity : Math.max(most, error);
    }, 0);
    expect([name, worst <= TOLERANCE, worst]).toEqual([name, true, worst]);
  }
}
