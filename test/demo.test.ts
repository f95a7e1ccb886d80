import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { compareDemo } from "../examples/demo/compare.ts";
import type { Score } from "../examples/demo/score.ts";

/** What PyTorch scores for the same models and texts; written by `scripts/train-demo.py`. */
const expected = JSON.parse(
  readFileSync(new URL("../examples/demo/expected.json", import.meta.url), "utf8"),
) as Record<string, { readonly bible: Score; readonly python: Score }>;

test("the demo's table is what PyTorch finds, and shows that both parents' abilities survive", async () => {
  const { models } = await compareDemo();
  for (const { name, bible, python } of models) {
    expect(bible.bitsPerByte).toBeCloseTo(expected[name]!.bible.bitsPerByte, 4);
    expect(python.bitsPerByte).toBeCloseTo(expected[name]!.python.bitsPerByte, 4);
  }
  const [base, bibleParent, pythonParent, merged] = models;
  for (const domain of ["bible", "python"] as const) {
    expect(merged![domain].bitsPerByte).toBeLessThan(base![domain].bitsPerByte - 0.05);
  }
  expect(bibleParent!.python.bitsPerByte).toBeGreaterThan(base!.python.bitsPerByte);
  expect(pythonParent!.bible.bitsPerByte).toBeGreaterThan(base!.bible.bitsPerByte);
}, 120_000);
