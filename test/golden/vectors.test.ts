import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";

import { methods } from "../../src/methods/index.ts";
import { type ParameterValues, withDefaults } from "../../src/methods/parameters.ts";
import { recipeMethods } from "../../src/methods/recipe-methods.ts";
import { combinationOf, mergeRecipe } from "../support/recipe-merging.ts";

// Every file beside this one is a case: what mergekit makes of four small tensors, found by running it in float32.
const folder = fileURLToPath(new URL("vectors/", import.meta.url));

/** How far an element may be off. mergekit's own float32 arithmetic is off by as much. */
const TOLERANCE = 2e-6;

const rows = z.array(z.array(z.number()));
const caseFile = z.strictObject({
  note: z.string(),
  merge_method: z.string(),
  base_model: z.enum(["b", "x", "y", "z"]).optional(),
  models: z.array(z.enum(["x", "y", "z"])),
  /** By their names in recipes, with one number for each model where each has its own. */
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.array(z.number())])),
  expected: rows.optional(),
  /** In place of a result, what the values are refused for. */
  refusal: z.string().optional(),
});

const base = [
  [1, 2, -3, 0.5],
  [0, -1, 4, 2],
  [0.25, 0, -0.5, 1],
];

const tensors = {
  b: base,
  x: sumOf([
    [0.5, -0.25, 0, 1],
    [-2, 0.125, 0.75, -0.55],
    [0.1, 0.2, -0.3, 0.4],
  ]),
  y: sumOf([
    [-0.25, 0.5, 1.1, 0.55],
    [1.05, 0.26, -0.75, -1],
    [0.05, -0.6, 0.7, -0.8],
  ]),
  z: sumOf([
    [0.75, 0.1, -0.2, -0.3],
    [0.5, -0.55, 0.6, 0],
    [0.9, -1, 1.1, -1.2],
  ]),
};

function sumOf(difference: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return base.map((row, i) => row.map((value, j) => value + difference[i]![j]!));
}

const cases = readdirSync(folder)
  .toSorted()
  .map((file) => ({ file, ...caseFile.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))) }));

describe.each(cases.filter(({ refusal }) => refusal === undefined))("$file: $note", (golden) => {
  test.each(["wasm", "reference"] as const)("by the %s backend", async (backend) => {
    const { merge_method: method, parameters, expected } = golden;
    const base = golden.base_model === undefined ? {} : { base: tensors[golden.base_model] };
    const models = golden.models.map((model) => tensors[model]);
    const found = await mergeRecipe({ method, parameters, models, ...base }, { backend });
    const wanted = expected!.flat();
    expect(found.length).toBe(wanted.length);
    const off = [...found.keys()].filter((at) => !(Math.abs(found[at]! - wanted[at]!) <= TOLERANCE));
    expect(off.map((at) => ({ at, found: found[at], wanted: wanted[at] }))).toEqual([]);
  });
});

test.each(cases.filter(({ refusal }) => refusal !== undefined))("$file: $note", (golden) => {
  const { merge } = combinationOf(recipeMethods.get(golden.merge_method)!, golden.parameters);
  const method = methods.get(merge.method)!;
  const values: ParameterValues = withDefaults(method.parameters, merge.parameters, golden.models.length);
  expect(method.conflict?.(values)).toContain(golden.refusal);
});

test("every method of recipes has a case, but for those that draw at random", () => {
  const drawing = ["dare_linear", "della", "della_linear"];
  const named = new Set([...cases.map((golden) => golden.merge_method), ...drawing]);
  expect([...recipeMethods.keys()].filter((name) => !named.has(name))).toEqual([]);
});
