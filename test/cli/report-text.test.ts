import { expect, test } from "vitest";

import { findingRows } from "../../src/cli/report-text.ts";
import type { TensorReport } from "../../src/index.ts";

/** A tensor about which nothing was found but this. */
function report(found: Partial<TensorReport>): TensorReport {
  return { name: "a", elements: 100, nonFiniteInputs: 0, nonFiniteOutputs: 0, values: {}, ...found };
}

/** What is told about a value that had these values in as many tensors. */
function told(...values: readonly number[]): string | undefined {
  return findingRows(
    values.map((value) => report({ values: { cosine: value } })),
    [],
  )[0]?.[1];
}

test("nothing to tell", () => {
  expect(findingRows([report({}), report({})], ["/a", "/b"])).toEqual([]);
  expect(findingRows([], ["/a"])).toEqual([]);
});

test("shares kept are weighted by the tensors' elements; empty tensors have none", () => {
  const reports = [
    report({ elements: 300, kept: [0.5, 1] }),
    report({ elements: 100, kept: [0.7, 0] }),
    report({ elements: 0, kept: [Number.NaN, Number.NaN] }),
  ];
  expect(findingRows(reports, ["/a", "/b"])).toEqual([
    ["kept", "55.0 % of /a, 50.0 % to 70.0 % by tensor"],
    ["kept", "75.0 % of /b, 0.00 % to 100 % by tensor"],
  ]);
});

test("observed values, by their names", () => {
  const values = [
    { cosine: 0.91234567, line: 0 },
    { cosine: 0.99999, line: 1 },
    { cosine: -0.25, line: 0 },
  ];
  const rows = findingRows(
    values.map((value) => report({ values: value })),
    [],
  );
  expect(rows).toEqual([
    ["cosine", "-0.25 to 0.99999"],
    ["line", "0 in 2 tensors, 1 in 1 tensor"],
  ]);
});

test.each([
  [[1], "1 in 1 tensor"],
  [[1, 1, 1], "1 in 3 tensors"],
  [[0, -0, Number.NaN], "0 in 2 tensors, NaN in 1 tensor"],
  [[0.5, Number.NaN, 0.75, Number.NaN], "0.5 to 0.75, NaN or infinite in 2 tensors"],
])("%j", (values, text) => {
  expect(told(...values)).toBe(text);
});

test("numbers that are not finite", () => {
  const reports = [report({ nonFiniteInputs: 2 }), report({ nonFiniteInputs: 1, nonFiniteOutputs: 1 })];
  expect(findingRows(reports, [])).toEqual([
    ["NaN, inf", "3 elements in 2 tensors of the inputs, 1 element in 1 tensor of the output"],
  ]);
  expect(findingRows([report({ nonFiniteOutputs: 100 })], [])).toEqual([
    ["NaN, inf", "none of the inputs, 100 elements in 1 tensor of the output"],
  ]);
});
