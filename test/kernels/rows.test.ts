import { describe, expect, test } from "vitest";

import {
  count,
  dot,
  host,
  input,
  max,
  quantileOfMagnitudes,
  random,
  rankByMagnitude,
  rowDot,
  rowMax,
  rowRankByMagnitude,
  rowSum,
  sum,
  type Tensor,
  where,
} from "../../src/formula/builder.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import type { Layout } from "../../src/kernels/backend.ts";
import { backends } from "../../src/kernels/index.ts";
import { expectSameBytes, inputsFor, run, summary } from "../support/kernel-runs.ts";

const a = input(0);
const b = input(1);

/** Infinity and NaN would make every sum NaN. */
const finite = where(a.abs().lt(1e30), a, 0);
const other = where(b.abs().lt(1e30), b, 1);

const softmax = where(finite.gt(rowMax(finite)), 0, finite.div(rowSum(finite.abs())));
const cosine = host(
  (xy, xx, yy) => xy / Math.sqrt(xx * yy),
  rowDot(finite, other),
  rowDot(a, a),
  rowDot(b, b),
);
const rank = rowRankByMagnitude(finite.sub(b));
const kept = rank.ge(random(0).mul(0.5));

/** Formulas whose elements depend on their row, of the kinds that methods use. */
const formulas: Readonly<Record<string, Tensor>> = {
  "sum of rows": a.mul(rowSum(b)),
  "dot of rows": a.mul(rowDot(finite, other)),
  "max of rows": a.sub(rowMax(b)),
  "max of finite rows": a.sub(rowMax(finite)),
  "host of rows": a.mul(host((x, y) => x / y + 1, rowSum(finite), rowMax(other))),
  "a row's value by itself": a.mul(0).add(rowMax(finite)),
  "cosine of rows": finite.mul(cosine).add(other.mul(host((x) => 1 - x, cosine))),
  "a row's value of a row's value": finite.mul(rowSum(softmax.sub(rowSum(softmax)))),
  "rank in rows": rank,
  "rank of random numbers": rowRankByMagnitude(random(1)).mul(random(0)),
  "rank of ranks": rowRankByMagnitude(rank.sub(0.5)).add(rank),
  "random numbers": where(random(0).lt(random(1)), a, rowSum(random(1))),
  "sum of the tensor of values of rows": a.mul(sum(finite.div(rowMax(finite.abs())))),
  "max of the tensor": a.mul(max(finite.mul(rowSum(other)))),
  "count of the tensor": a.mul(count(finite.gt(rowMax(finite.mul(0.5))))),
  "quantile of values of rows": where(softmax.abs().lt(quantileOfMagnitudes(softmax, 0.3)), 0, b),
  "rank of values of rows": rankByMagnitude(finite.mul(rowMax(b)), 1e-3).mul(a),
  "value of rows of the tensor's rank": finite.mul(rowSum(rankByMagnitude(finite, 1e-3))),
  "thinned out by rank, rescaled": where(kept, a, 0).mul(
    host((all, rest) => all / rest, sum(finite.abs()), sum(where(kept, finite.abs(), 0))),
  ),
  "value of rows scaled by the tensor": a.mul(rowSum(finite.div(sum(finite.abs())))).mul(dot(finite, other)),
};

const layouts: readonly Layout[] = [
  { inputs: ["BF16", "BF16"], output: "BF16" },
  { inputs: ["F32", "F16"], output: "F32" },
  { inputs: ["F64", "BF16"], output: "F16" },
  { inputs: ["F32", "F32"], output: "F64" },
];

const rowLengths = [1, 2, 3, 7, 8, 15, 16, 17, 64, 100, 1000];
const longRowLengths = [BLOCK_ELEMENTS, 70_000];

describe.each(Object.entries(backends).filter(([name]) => name !== "reference"))("%s", (_, create) => {
  const backend = create(1_000_000);
  const reference = backends.reference();

  async function expectEqual(
    formula: Tensor,
    layout: Layout,
    rowElements: number,
    rows: number,
    leadElements = 0,
  ): Promise<void> {
    const elements = rows * rowElements;
    const inputs = inputsFor(layout, elements, rowElements + 11);
    const by = { rowElements, leadElements };
    const expected = await run(reference, formula, layout, inputs, elements, false, by);
    const actual = await run(backend, formula, layout, inputs, elements, false, by);
    expect(actual.stages.map(summary)).toEqual(expected.stages.map(summary));
    expectSameBytes(actual.output, expected.output, layout);
  }

  test.each(Object.entries(formulas))("%s equals the reference bit for bit", async (_name, formula) => {
    for (const layout of layouts) {
      for (const length of rowLengths) await expectEqual(formula, layout, length, Math.ceil(50 / length) + 1);
    }
  });

  test.each(Object.entries(formulas))("%s in long rows", async (_name, formula) => {
    for (const length of longRowLengths) await expectEqual(formula, layouts[0]!, length, 2);
  });

  test.each(Object.entries(formulas))("%s after a row of an earlier run", async (_name, formula) => {
    await expectEqual(formula, layouts[0]!, 7, 12, 3);
    await expectEqual(formula, layouts[2]!, 100, 4, 99);
    await expectEqual(formula, layouts[1]!, 17, 1, 16);
  });
});
