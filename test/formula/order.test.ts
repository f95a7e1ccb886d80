import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Evaluation, resultsOf } from "../../src/execute/evaluation.ts";
import { input, quantileOfMagnitudes, rankByMagnitude, type Tensor } from "../../src/formula/builder.ts";
import { lower } from "../../src/formula/lower.ts";
import { backends } from "../../src/kernels/index.ts";

/** Values of every size, with zeros, equal magnitudes and neighbours that differ in their last bit. */
const value = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 1 + 2 ** -23, 0.5, 1e-40),
);
const values = fc.array(value, { minLength: 1, maxLength: 300 });

/** The elements of a formula of one F32 input, computed by the fast backend; small tensors take one run a pass. */
async function compute(output: Tensor, elements: readonly number[]): Promise<readonly number[]> {
  const backend = backends.wasm(1_000_000);
  const layout = { inputs: ["F32"], output: "F32" } as const;
  const passes = lower(
    { output, observations: [] },
    { precision: "float32", isLarge: elements.length > 1000 },
  );
  const evaluation = new Evaluation(passes);
  backend
    .buffersFor(layout, elements.length)
    .inputs[0]!.set(new Uint8Array(Float32Array.from(elements).buffer));
  for (const stage of passes.stages) {
    const args = evaluation.argumentsOf(stage);
    const kernel = await backend.compile(stage.structure, layout);
    const run = { elements: elements.length, firstElement: 0, ...args, keys: [] };
    evaluation.absorb(stage, resultsOf(await kernel.run(run)));
  }
  const { buffer, byteOffset } = backend.buffersFor(layout, elements.length).output;
  return [...new Float32Array(buffer.slice(byteOffset, byteOffset + elements.length * 4))];
}

const x = input(0);
const one = x.mul(0).add(1);

describe("the quantile of magnitudes", () => {
  test("is the interpolated order statistic, rounded up to the next float32", async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(values, share, async (elements, q) => {
        const sorted = elements
          .map(Math.fround)
          .map(Math.abs)
          .toSorted((a, b) => a - b);
        const position = q * (sorted.length - 1);
        const [lower, upper] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!];
        const [found] = await compute(one.mul(quantileOfMagnitudes(x, q)), elements);
        const exact = lower + (upper - lower) * (position - Math.floor(position));
        expect(found).toBeGreaterThanOrEqual(Math.fround(exact * (1 - 2 ** -40)));
        expect(found).toBeLessThanOrEqual(Math.max(exact * (1 + 2 ** -22), exact + 2 ** -148));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  test("hits an order statistic that only rounding keeps it from", async () => {
    const elements = Array.from({ length: 11 }, (_, index) => index + 1);
    const [found] = await compute(one.mul(quantileOfMagnitudes(x, 1 - 0.7)), elements);
    expect(found).toBe(4);
  });
});

describe("the rank by magnitude", () => {
  test("is the mean of the ranks of equals, exactly when no tolerance is given", async () => {
    await fc.assert(
      fc.asyncProperty(values, async (elements) => {
        const magnitudes = elements.map(Math.fround).map(Math.abs);
        const larger = (m: number): number => magnitudes.filter((other) => other > m).length;
        const equal = (m: number): number => magnitudes.filter((other) => other === m).length;
        const wanted = magnitudes.map((m) =>
          Math.fround((larger(m) + (equal(m) - 1) / 2) / magnitudes.length),
        );
        expect(await compute(rankByMagnitude(x, 0), elements)).toEqual(wanted);
      }),
      { seed: 2, numRuns: 150 },
    );
  });

  test("is within the tolerance, with more elements in a cell than it allows", async () => {
    const elements = Array.from({ length: 20_000 }, (_, index) => 1 + (index % 5000) * 2 ** -23);
    const found = await compute(rankByMagnitude(x, 1e-3), elements);
    found.forEach((rank, index) => {
      const exact = (20_000 - 4 * ((index % 5000) + 1) + 1.5) / 20_000;
      expect(Math.abs(rank - exact)).toBeLessThanOrEqual(1e-3);
    });
  });
});
