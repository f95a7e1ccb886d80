import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { input, type Tensor } from "../../src/formula/builder.ts";
import { exp, ln } from "../../src/formula/exponential.ts";
import { type BackendName, backends } from "../../src/kernels/index.ts";
import { run } from "../support/kernel-runs.ts";

const x = input(0);

type Type = "F32" | "F64";

/** A function of each of some numbers, as a backend computes it. */
async function compute(
  output: Tensor,
  numbers: readonly number[],
  dtype: Type = "F32",
  backend: BackendName = "wasm",
): Promise<readonly number[]> {
  const make = dtype === "F32" ? Float32Array : Float64Array;
  const layout = { inputs: [dtype], output: dtype } as const;
  const bytes = new Uint8Array(make.from(numbers).buffer);
  const made = await run(backends[backend](1_000_000), output, layout, [bytes], numbers.length, false);
  return [...new make(made.output.slice().buffer)];
}

/** The largest error of some numbers in units of the last place that a float32 of the exact value has. */
function worst(found: readonly number[], exact: readonly number[]): number {
  const errors = found.map((value, at) => {
    const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact[at]!))));
    return value === exact[at] ? 0 : Math.abs(value - exact[at]!) / 2 ** (exponent - 23);
  });
  return Math.max(...errors);
}

const below = fc.oneof(
  fc.float({ min: -87, max: 0, noNaN: true }),
  fc.float({ min: Math.fround(-0.1), max: 0, noNaN: true }),
  fc.integer({ min: 0, max: 125 }).map((n) => Math.fround(-n * Math.LN2)),
);
const positive = fc.oneof(
  fc.float({ min: Math.fround(0.5), max: 2, noNaN: true }),
  fc.double({ min: -18, max: 18, noNaN: true }).map((power) => Math.fround(10 ** power)),
  fc.integer({ min: -60, max: 60 }).map((power) => 2 ** power),
  fc.integer({ min: -60, max: 60 }).map((power) => Math.fround(2 ** (power + 0.5))),
);
const settings = { seed: 3, numRuns: 20, endOnFailure: true };
const many = { minLength: 200, maxLength: 200 };

describe.each(["F32", "F64"] as const)("in %s arithmetic", (dtype) => {
  test("the exponential of 0 and less is that of the language to 2 units of float32", async () => {
    const property = fc.asyncProperty(fc.array(below, many), async (numbers) => {
      expect(worst(await compute(exp(x), numbers, dtype), numbers.map(Math.exp))).toBeLessThanOrEqual(2);
    });
    await fc.assert(property, settings);
  });

  test("the logarithm is that of the language to 3 units of float32", async () => {
    const property = fc.asyncProperty(fc.array(positive, many), async (numbers) => {
      expect(worst(await compute(ln(x), numbers, dtype), numbers.map(Math.log))).toBeLessThanOrEqual(3);
    });
    await fc.assert(property, settings);
  });
});

test("exact values are exact", async () => {
  expect(await compute(exp(x), [0, -0])).toEqual([1, 1]);
  expect(await compute(ln(x), [1])).toEqual([0]);
});

test("what is too small for a float32 is as good as zero, and NaN stays NaN", async () => {
  const [small, least, none] = await compute(exp(x), [-200, -Infinity, Number.NaN]);
  expect(small).toBeLessThan(Math.exp(-87));
  expect(least).toBe(small);
  expect(none).toBeNaN();
});

test("all backends give the same bits", async () => {
  const numbers = Array.from({ length: 3000 }, (_, at) => Math.fround(at / 30 + 1e-3));
  for (const formula of [exp(x.neg()), ln(x)]) {
    const [fast, plain] = [
      await compute(formula, numbers),
      await compute(formula, numbers, "F32", "reference"),
    ];
    expect(fast).toEqual(plain);
  }
});
