import { describe, expect, test } from "vitest";

import {
  count,
  dot,
  host,
  input,
  quantileOfMagnitudes,
  rankByMagnitude,
  sum,
  type Tensor,
  total,
  where,
} from "../../src/formula/builder.ts";
import type { Reduced, ScalarNode } from "../../src/formula/nodes.ts";
import { evaluate, lower } from "../../src/formula/lower.ts";
import type { Stage } from "../../src/formula/stage.ts";

const [a, b] = [input(0), input(1)];

function stagesOf(output: Tensor): readonly Stage[] {
  return lower({ output, observations: [] }, { precision: "float32", isLarge: true }).stages;
}

describe("a formula without reductions", () => {
  test("is one pass", () => {
    const stages = stagesOf(a.mul(0.5).add(b));
    expect(stages.map(({ structure }) => structure)).toEqual([
      {
        instructions: [
          { kind: "input", index: 0 },
          { kind: "scalar", slot: 0 },
          { kind: "op", op: "mul", args: [0, 1] },
          { kind: "input", index: 1 },
          { kind: "op", op: "add", args: [2, 3] },
        ],
        reductions: [],
        tallies: [],
        emit: 4,
        scalars: 1,
        trees: 0,
        streams: 0,
        ranks: 0,
      },
    ]);
  });

  test("computes equal values once, however often they are written", () => {
    const [stage] = stagesOf(where(a.sub(b).abs().gt(1), a.sub(b), a.sub(b).abs()));
    const ops = stage!.structure.instructions.flatMap((step) => (step.kind === "op" ? [step.op] : []));
    expect(ops).toEqual(["sub", "abs", "gt", "where"]);
  });

  test("has the same structure for other numbers, which are arguments", () => {
    const structureOf = (weights: readonly [number, number]): unknown =>
      stagesOf(total([a.mul(weights[0]), b.mul(weights[1])]))[0]!.structure;
    expect(structureOf([0.25, 0.75])).toEqual(structureOf([1, 1]));
  });
});

describe("a formula with reductions", () => {
  const scale = host((ab, bb) => ab / bb, dot(a, b), sum(b));
  const stages = stagesOf(a.mul(scale).add(sum(a.mul(scale))));

  test("takes a pass for each reduction that needs another, and one to emit", () => {
    const kinds = stages.map(({ structure }) => [
      structure.reductions.map(({ by }) => by),
      "emit" in structure,
    ]);
    expect(kinds).toEqual([
      [["dot", "sum"], false],
      [["sum"], false],
      [[], true],
    ]);
  });

  test("has its scalars evaluated from what earlier passes made", () => {
    const reduced = new Map<ScalarNode, Reduced>();
    stages[0]!.results.forEach((node, index) => reduced.set(node, [6, 4][index]!));
    expect(stages[1]!.scalars.map((node) => evaluate(node, reduced))).toEqual([1.5]);
    reduced.set(stages[1]!.results[0]!, 9);
    expect(stages[2]!.scalars.map((node) => evaluate(node, reduced))).toEqual([1.5, 9]);
  });

  test("refuses to evaluate a scalar before its pass", () => {
    expect(() => evaluate(stages[1]!.scalars[0]!, new Map())).toThrow("a reduction is used before the pass");
  });
});

describe("what is only observed", () => {
  const threshold = sum(a);
  const kept = count(a.gt(threshold));
  const passes = lower(
    { output: where(a.gt(threshold), b, 0), observations: [{ name: "kept", value: kept }] },
    { precision: "float32", isLarge: true },
  );

  test("is reduced in the last pass and costs none of its own", () => {
    const kinds = passes.stages.map(({ structure }) => structure.reductions.map(({ by }) => by));
    expect(kinds).toEqual([["sum"], ["count"]]);
    expect(passes.observations).toEqual(["kept"]);
  });
});

describe("quantiles and ranks", () => {
  test("take a pass for each level of their trees", () => {
    const tallies = (output: Tensor, precision: "float32" | "float64"): readonly number[] =>
      lower({ output, observations: [] }, { precision, isLarge: true }).stages.map(
        ({ structure }) => structure.tallies.length,
      );
    expect(tallies(a.mul(quantileOfMagnitudes(b, 0.5)), "float32")).toEqual([1, 1, 0]);
    expect(tallies(a.mul(quantileOfMagnitudes(b, 0.5)), "float64")).toEqual([1, 1, 1, 1, 0]);
    expect(tallies(rankByMagnitude(b, 0), "float32")).toEqual([1, 1, 1, 0]);
  });
});
