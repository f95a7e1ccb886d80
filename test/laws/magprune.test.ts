import { expect, test } from "vitest";
import { mergeTensor } from "../support/merging.ts";
import { expectKeepRate, expectUncorrelated, type Mask } from "../support/statistics.ts";

const ROW = 512;
const ELEMENTS = 400 * ROW + 3;
/** Coprime to the number of elements: the ranks are scattered over the tensor. */
const STRIDE = 79_999;

/** The rank by magnitude of an element of `scattered`, the largest first. */
function rankOf(element: number): number {
  return (element * STRIDE) % ELEMENTS;
}

/** Numbers of both signs whose magnitudes are all different and shrink slowly with their rank. */
const scattered = Float32Array.from(
  { length: ELEMENTS },
  (_, element) => (element % 3 === 0 ? -1 : 1) * (2 - rankOf(element) / ELEMENTS),
);

interface Window {
  readonly reserve_p: number;
  readonly epsilon: number;
}

function keepProbability({ reserve_p: reserve, epsilon }: Window, element: number): number {
  return reserve + epsilon / 2 - (epsilon * rankOf(element)) / ELEMENTS;
}

/** What magprune keeps of two models: their masks, from weights that tell them apart. */
async function masksOf(window: Window, seed = 42): Promise<{ readonly first: Mask; readonly second: Mask }> {
  const flags = { merge_method: "della_linear", weight_list: [1, 2], rescale: false, seed, ...window };
  const values = await mergeTensor([scattered, scattered], flags);
  const kept = (model: number): Mask => ({
    // In units of the element, the output is 0, 1, 2 or 3.
    kept: Uint8Array.from(values, (value, at) => (Math.round(value / scattered[at]!) >> model) & 1),
    probability: (element) => keepProbability(window, element),
  });
  return { first: kept(0), second: kept(1) };
}

const windows = [
  { reserve_p: 0.7, epsilon: 0.14 },
  { reserve_p: 0.5, epsilon: 0.9 },
  { reserve_p: 0.1, epsilon: 0.1 },
  { reserve_p: 0.3, epsilon: 0 },
];

test.each(windows)("magprune keeps the share that each tenth of the ranks should: %j", async (window) => {
  const { first, second } = await masksOf(window);
  for (const mask of [first, second]) {
    expectKeepRate(mask);
    for (let decile = 0; decile < 10; decile++) {
      expectKeepRate(mask, (element) => Math.floor((rankOf(element) / ELEMENTS) * 10) === decile);
    }
  }
});

test.each(windows)("what magprune keeps is divided by its own probability: %j", async (window) => {
  const flags = { sparsify_type: "magprune", weight_list: [1, 0], ...window };
  const values = await mergeTensor([scattered, scattered], flags);
  let worst = 0;
  for (const [element, value] of values.entries()) {
    if (value !== 0)
      worst = Math.max(worst, Math.abs(scattered[element]! / value - keepProbability(window, element)));
  }
  // The probability may be off by 1e-4; rounding to float32 adds less than 1e-6.
  expect(worst).toBeLessThan(1.01e-4);
});

test("elements of equal magnitude are kept with equal probability, that of their mean rank", async () => {
  const window = { reserve_p: 0.5, epsilon: 0.8 };
  const steps = Float32Array.from({ length: 100_000 }, (_, at) => ((at % 4) + 1) * (at % 8 < 4 ? 1 : -1));
  const values = await mergeTensor([steps, steps], {
    sparsify_type: "magprune",
    weight_list: [1, 0],
    ...window,
  });
  for (const magnitude of [1, 2, 3, 4]) {
    // Four groups of equal size, the largest first: their mean ranks are 1/8, 3/8, 5/8 and 7/8.
    const probability = 0.5 + 0.4 - 0.8 * ((4 - magnitude) / 4 + 1 / 8 - 0.5 / steps.length);
    const group = [...values.keys()].filter((at) => Math.abs(steps[at]!) === magnitude);
    const kept = Uint8Array.from(group, (at) => Number(values[at] !== 0));
    expectKeepRate({ kept, probability: () => probability });
    const factors = new Set(group.filter((at) => values[at] !== 0).map((at) => values[at]! / steps[at]!));
    expect(factors.size).toBe(1);
    expect(1 / [...factors][0]!).toBeCloseTo(probability, 4);
  }
});

test("magprune drops elements, rows, models and seeds independently", async () => {
  const { first, second } = await masksOf(windows[0]!);
  const { first: reseeded } = await masksOf(windows[0]!, 43);
  for (const lag of [1, 2, 3, 4, 5, ROW, 65_536]) expectUncorrelated(first, first, lag);
  for (const lag of [0, 1, 4]) {
    expectUncorrelated(first, second, lag);
    expectUncorrelated(first, reseeded, lag);
  }
});

test("a tensor of zeros stays as it is", async () => {
  const zeros = new Float32Array(1000);
  expect(new Set(await mergeTensor([zeros, zeros], { merge_method: "della" }))).toEqual(new Set([0]));
});
