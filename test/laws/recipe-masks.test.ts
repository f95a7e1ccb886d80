import { describe, expect, test } from "vitest";

import { mergeRecipe, type RecipeInput } from "../support/recipe-merging.ts";
import { expectKeepRate, expectUncorrelated, type Mask } from "../support/statistics.ts";

const ROW = 256;
const ROWS = 500;
const ELEMENTS = ROW * ROWS;

/** The rank of an element in its row, the smallest 0; coprime to the row, so that ranks are scattered over it. */
function rankOf(element: number): number {
  return (element * 75) % ROW;
}

/** Rows of both signs whose magnitudes are all different, each row a thousand times as large as one before. */
const delta = Float32Array.from(
  { length: ELEMENTS },
  (_, element) =>
    (element % 3 === 0 ? -1 : 1) * (1 + rankOf(element) / ROW) * 10 ** (Math.floor(element / ROW) % 4),
);
const rows = Array.from({ length: ROWS }, (_, row) => [...delta.subarray(row * ROW, (row + 1) * ROW)]);
const base = rows.map((row) => row.map(() => 0));

const density = 0.6;

type Rule = Pick<RecipeInput, "method" | "parameters">;

/** What a method keeps of the same differences of two models, told apart by their weights. */
async function masksOf(
  { method, parameters }: Rule,
  more: Partial<RecipeInput> = {},
): Promise<readonly [Mask, Mask]> {
  const set = { ...parameters, rescale: false, weight: [1, 2] };
  const values = await mergeRecipe({ method, parameters: set, base, models: [rows, rows], ...more });
  const { epsilon = 0 } = (parameters ?? {}) as { epsilon?: number };
  const probability = (element: number): number =>
    density - epsilon + (2 * epsilon * rankOf(element)) / (ROW - 1);
  const kept = (model: number): Mask => ({
    // In units of the element, the output is 0, 1, 2 or 3.
    kept: Uint8Array.from(values, (value, at) => (Math.round(value / delta[at]!) >> model) & 1),
    probability,
  });
  return [kept(0), kept(1)];
}

const rules: readonly Rule[] = [
  { method: "dare_linear", parameters: { density } },
  { method: "della_linear", parameters: { density, epsilon: 0.25 } },
  { method: "della_linear", parameters: { density, epsilon: 0 } },
];

describe.each(rules)("$method with $parameters", (rule) => {
  test("keeps the share of each tenth of the ranks that it should", async () => {
    for (const mask of await masksOf(rule)) {
      expectKeepRate(mask);
      for (let decile = 0; decile < 10; decile++) {
        expectKeepRate(mask, (element) => Math.floor((rankOf(element) / ROW) * 10) === decile);
      }
    }
  });

  test("drops elements, rows, models, tensors and seeds independently", async () => {
    const [first, second] = await masksOf(rule);
    for (const lag of [1, 2, 4, ROW]) expectUncorrelated(first, first, lag);
    const [renamed] = await masksOf(rule, { name: "v" });
    const [reseeded] = await masksOf(rule, { seed: 43 });
    for (const other of [second, renamed, reseeded]) expectUncorrelated(first, other);
  });

  test("rescales all that it keeps by one factor, so that the sum of magnitudes stays", async () => {
    const parameters = { ...rule.parameters, weight: [1] };
    const values = await mergeRecipe({ method: rule.method, parameters, base, models: [rows] });
    const magnitude = (all: ArrayLike<number>): number =>
      Array.from(all).reduce((sum, value) => sum + Math.abs(value), 0);
    expect(magnitude(values) / magnitude(delta)).toBeCloseTo(1, 6);
    const factors = [...values].map((value, at) => value / delta[at]!).filter((factor) => factor !== 0);
    expect(Math.max(...factors.slice(0, 5000)) / Math.min(...factors.slice(0, 5000))).toBeCloseTo(1, 6);
  });
});
