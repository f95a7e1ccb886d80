import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  dot,
  host,
  input,
  max,
  quantileOfMagnitudes,
  rowDot,
  rowMax,
  rowRankByMagnitude,
  rowSum,
  type Scalar,
  sum,
  type Tensor,
  where,
} from "../../src/formula/builder.ts";
import { hasRowScope, lower } from "../../src/formula/lower.ts";
import { backends } from "../../src/kernels/index.ts";
import { run } from "../support/kernel-runs.ts";

const layout = { inputs: ["F32", "F32"], output: "F32" } as const;
const backend = backends.wasm(1_000_000);
const [x, y] = [input(0), input(1)];

/** The elements of a formula of two inputs that are rows of so many elements. */
async function compute(
  formula: Tensor,
  inputs: readonly (readonly number[])[],
  rowElements: number,
): Promise<readonly number[]> {
  const bytes = inputs.map((values) => new Uint8Array(Float32Array.from(values).buffer));
  const elements = inputs[0]!.length;
  const { output } = await run(backend, formula, layout, bytes, elements, false, {
    rowElements,
    leadElements: 0,
  });
  return [...new Float32Array(output.slice().buffer)];
}

test("are along the last axis", async () => {
  const values = [
    [1, 2, 3, 4, 5, -6],
    [1, 1, 2, 0, 0.5, 1],
  ];
  expect(await compute(x.mul(0).add(rowSum(x)), values, 3)).toEqual([6, 6, 6, 3, 3, 3]);
  expect(await compute(x.mul(0).add(rowDot(x, y)), values, 2)).toEqual([3, 3, 6, 6, -3.5, -3.5]);
  expect(await compute(x.sub(rowMax(x)), values, 3)).toEqual([-2, -1, 0, -1, 0, -11]);
  expect(await compute(x.mul(0).add(sum(x.div(rowMax(x)))), values, 3)).toEqual(
    Array(6).fill(Math.fround(2.6)),
  );
  expect(await compute(rowRankByMagnitude(x), values, 3)).toEqual([0, 0.5, 1, 0, 0.5, 1]);
  expect(await compute(rowRankByMagnitude(y), values, 6)).toEqual(
    [0.6, 0.6, 1, 0, 0.2, 0.6].map((rank) => Math.fround(rank)),
  );
});

/** A formula in terms of reductions, of rows or of a tensor. */
type Reductions = {
  readonly sum: (x: Tensor) => Scalar;
  readonly dot: (x: Tensor, y: Tensor) => Scalar;
  readonly max: (x: Tensor) => Scalar;
};
const ofRow: Reductions = { sum: rowSum, dot: rowDot, max: rowMax };
const ofTensor: Reductions = { sum, dot, max };

const formulas: Readonly<Record<string, (reductions: Reductions) => Tensor>> = {
  sum: (by) => x.mul(by.sum(y)),
  dot: (by) => x.sub(by.dot(x, y)),
  max: (by) => where(x.lt(by.max(y)), x, y),
  "unit vector": (by) => x.mul(host((square) => 1 / Math.sqrt(square), by.dot(x, x))),
  softmax: (by) => x.sub(by.max(x)).div(by.sum(x.sub(by.max(x)).abs())),
  ranks: () => rowRankByMagnitude(x).sub(rowRankByMagnitude(y)),
};

describe("a formula of rows gives each row what it gives the row as a tensor", () => {
  test.each(Object.entries(formulas))("%s", async (_name, formula) => {
    const value = fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, -1, 0.5));
    const rows = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }));
    const matrices = rows.chain(([length, count]) => {
      const numbers = fc.array(value, { minLength: length * count, maxLength: length * count });
      return fc.record({ length: fc.constant(length), x: numbers, y: numbers });
    });
    await fc.assert(
      fc.asyncProperty(matrices, async ({ length, ...matrix }) => {
        const wanted: number[] = [];
        for (let first = 0; first < matrix.x.length; first += length) {
          const row = [matrix.x, matrix.y].map((values) => values.slice(first, first + length));
          wanted.push(...(await compute(formula(ofTensor), row, length)));
        }
        expect(await compute(formula(ofRow), [matrix.x, matrix.y], length)).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });
});

describe("passes", () => {
  const size = { precision: "float32", isLarge: false } as const;
  const passesOf = (output: Tensor) => lower({ output, observations: [] }, size);

  test("are not needed for values of rows", () => {
    const passes = passesOf(x.mul(rowSum(y)).add(rowRankByMagnitude(x.sub(rowMax(x)))));
    expect(passes.stages.length).toBe(1);
    expect(hasRowScope(passes)).toBe(true);
  });

  test("without any value of rows have no row scope", () => {
    expect(hasRowScope(passesOf(x.mul(sum(y))))).toBe(false);
  });

  test("find values of rows out only where they are needed", () => {
    const { stages } = passesOf(x.mul(sum(y)).mul(rowSum(x)));
    expect(stages.map(({ preludes }) => preludes.length)).toEqual([0, 1]);
  });

  test("refuse values of rows where one of the tensor is meant", () => {
    const observations = [{ name: "norm", value: host(Math.sqrt, rowDot(x, x)) }];
    expect(() => lower({ output: x, observations }, size)).toThrow("reports are of tensors");
    const share = rowSum(x) as unknown as number;
    expect(() => passesOf(x.mul(quantileOfMagnitudes(x, share)))).toThrow("quantile of a tensor");
  });
});
