import { describe, expect, test } from "vitest";

import { dot, host, input, type ScalarNode, sum, total, where } from "../../src/formula/builder.ts";
import { evaluate, lower } from "../../src/formula/lower.ts";

const [a, b] = [input(0), input(1)];

describe("a formula without reductions", () => {
  test("is one pass", () => {
    const stages = lower(a.mul(0.5).add(b));
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
        emit: 4,
        scalars: 1,
      },
    ]);
  });

  test("computes equal values once, however often they are written", () => {
    const [stage] = lower(where(a.sub(b).abs().gt(1), a.sub(b), a.sub(b).abs()));
    const ops = stage!.structure.instructions.flatMap((step) => (step.kind === "op" ? [step.op] : []));
    expect(ops).toEqual(["sub", "abs", "gt", "where"]);
  });

  test("has the same structure for other numbers, which are arguments", () => {
    const structureOf = (weights: readonly [number, number]): unknown =>
      lower(total([a.mul(weights[0]), b.mul(weights[1])]))[0]!.structure;
    expect(structureOf([0.25, 0.75])).toEqual(structureOf([1, 1]));
  });
});

describe("a formula with reductions", () => {
  const scale = host((ab, bb) => ab / bb, dot(a, b), sum(b));
  const stages = lower(a.mul(scale).add(sum(a.mul(scale))));

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
    const reduced = new Map<ScalarNode, number>();
    stages[0]!.results.forEach((node, index) => reduced.set(node, [6, 4][index]!));
    expect(stages[1]!.scalars.map((node) => evaluate(node, reduced))).toEqual([1.5]);
    reduced.set(stages[1]!.results[0]!, 9);
    expect(stages[2]!.scalars.map((node) => evaluate(node, reduced))).toEqual([1.5, 9]);
  });

  test("refuses to evaluate a scalar before its pass", () => {
    expect(() => evaluate(stages[1]!.scalars[0]!, new Map())).toThrow("dot is used before the pass");
  });
});
