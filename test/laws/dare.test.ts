import { expect, test } from "vitest";
import { mergeTensor, mergeTensors } from "../support/merging.ts";
import { expectKeepRate, expectUncorrelated, type Mask } from "../support/statistics.ts";

const ROW = 512;
const ELEMENTS = 512 * ROW;
const ones = new Float32Array(ELEMENTS).fill(1);

function masked(kept: Iterable<number>, reserve: number): Mask {
  return { kept: Uint8Array.from(kept, Number), probability: () => reserve };
}

/** What dare keeps of two models, told apart in one output by their weights: 1 and 2. */
async function masksOf(
  reserve: number,
  seed: number,
): Promise<{ readonly first: Mask; readonly second: Mask }> {
  const flags = {
    merge_method: "dare_linear",
    weight_list: [1, 2],
    reserve_p: reserve,
    rescale: false,
    seed,
  };
  const values = await mergeTensor([ones, ones], flags);
  expect(new Set(values)).toEqual(new Set([0, 1, 2, 3]));
  return {
    first: masked(
      Array.from(values, (value) => value % 2),
      reserve,
    ),
    second: masked(
      Array.from(values, (value) => Math.floor(value / 2)),
      reserve,
    ),
  };
}

test.each([0.05, 0.3, 0.5, 0.7, 0.95])("dare keeps the share %d of every model", async (reserve) => {
  const { first, second } = await masksOf(reserve, 42);
  expectKeepRate(first);
  expectKeepRate(second);
  // Wherever the tensor is cut, the share is the same.
  for (let part = 0; part < 10; part++)
    expectKeepRate(first, (at) => Math.floor((at / ELEMENTS) * 10) === part);
});

test("what dare keeps is divided by reserve_p, all else is zero", async () => {
  for (const reserve of [0.1, 0.5, 0.7, 1]) {
    const inputs = Float32Array.from({ length: 4099 }, (_, at) => Math.sin(at) + 2);
    const flags = { sparsify_type: "dare", weight_list: [1, 0], reserve_p: reserve };
    const values = await mergeTensor([inputs, inputs], flags);
    const wrong = [...values.keys()].filter((at) => {
      const exact = inputs[at]! / reserve;
      return values[at] !== 0 && Math.abs(values[at]! - exact) > exact * 2 ** -23;
    });
    expect(wrong).toEqual([]);
    expect(values.some((value) => value === 0)).toBe(reserve < 1);
  }
});

test("dare drops elements, rows, models and seeds independently", async () => {
  const { first, second } = await masksOf(0.7, 42);
  const { first: reseeded } = await masksOf(0.7, 43);
  // Neighbours, a counter of the generator apart, a row apart, and a block of the reductions.
  for (const lag of [1, 2, 3, 4, 5, 8, ROW - 1, ROW, ROW + 1, 65_536]) expectUncorrelated(first, first, lag);
  for (const lag of [0, 1, 4]) {
    expectUncorrelated(first, second, lag);
    expectUncorrelated(first, reseeded, lag);
  }
});

test("dare drops elements of one tensor independently of any other's", async () => {
  const names = ["layers.0.weight", "layers.1.weight", "layers.10.weight", "layers.0.bias"];
  const tensors = Object.fromEntries(names.map((name) => [name, ones.subarray(0, 100_000)]));
  const flags = { merge_method: "dare_linear", weight_list: [1, 0], rescale: false };
  const values = await mergeTensors({ models: [tensors, tensors] }, flags);
  const masks = names.map((name) => masked(values.get(name)!, 0.7));
  for (const [index, mask] of masks.entries()) {
    for (const other of masks.slice(index + 1)) expectUncorrelated(mask, other);
  }
});

test("dare's mean over seeds tends to the delta", async () => {
  const seeds = 30;
  const reserve = 0.6;
  const base = Float32Array.from({ length: 2000 }, (_, at) => Math.cos(at));
  const model = Float32Array.from(base, (value, at) => value + Math.sin(7 * at) / 4);
  const flags = { merge_method: "dare_linear", weight_list: [1, 0], reserve_p: reserve };
  const mean = new Float64Array(base.length);
  for (let seed = 0; seed < seeds; seed++) {
    const merged = await mergeTensor([model, base], { ...flags, seed }, base);
    for (const [at, value] of merged.entries()) mean[at]! += (value - base[at]!) / seeds;
  }
  let [errors, variance] = [0, 0];
  for (const [at, value] of mean.entries()) {
    const delta = model[at]! - base[at]!;
    const deviation = Math.abs(delta) * Math.sqrt((1 - reserve) / reserve / seeds);
    // Six standard errors for each of 2,000 elements, of a distribution with heavier tails than the normal one's.
    expect(Math.abs(value - delta)).toBeLessThanOrEqual(6 * deviation + 1e-6);
    errors += Math.sign(delta) * (value - delta);
    variance += deviation ** 2;
  }
  expect(Math.abs(errors) / Math.sqrt(variance)).toBeLessThan(5);
});
