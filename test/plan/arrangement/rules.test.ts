import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Combination } from "../../../src/methods/formula.ts";
import { gradientAt } from "../../../src/plan/arrangement/resolve.ts";
import type { Rule } from "../../../src/recipe/rule.ts";
import { arranged, llama } from "./arranged.ts";

const weight = (value: Rule["value"], more: Partial<Rule> = {}): Rule => ({
  step: "merge",
  parameter: "weight",
  value,
  ...more,
});

const up = (layer: number): string => `model.layers.${layer}.mlp.up_proj.weight`;

/** The weights of a tensor when two models of three layers are merged under these rules. */
async function weightsOf(rules: readonly Rule[], name: string): Promise<unknown> {
  const { of, problems } = await arranged([llama(3), llama(3)], { rules });
  expect(problems).toEqual([]);
  return of(name).combination?.merge.parameters["weight"];
}

describe("a gradient", () => {
  test.each([
    [0, 0],
    [0.1, 0.2],
    [0.25, 0.5],
    [0.5, 1],
    [1, 10],
  ])("[0, 1, 10] gives at %d what mergekit gives, %d", (position, value) => {
    expect(gradientAt([0, 1, 10], position)).toBeCloseTo(value, 12);
  });

  test("stays between its least and its greatest number, and meets its ends", () => {
    const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, position) => {
        const found = gradientAt(values, position)!;
        expect(found).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(found).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
        expect(gradientAt(values, 0)).toBeCloseTo(values[0]!, 12);
        expect(gradientAt(values, 1)).toBeCloseTo(values.at(-1)!, 12);
      }),
    );
  });

  test("runs over the layers from first to last; the final norm and the head have its first value", async () => {
    const rules = [weight([0, 1])];
    expect(await weightsOf(rules, up(0))).toEqual([0, 0]);
    expect(await weightsOf(rules, up(1))).toEqual([0.5, 0.5]);
    expect(await weightsOf(rules, up(2))).toEqual([1, 1]);
    for (const name of ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"])
      expect(await weightsOf(rules, name)).toEqual([0, 0]);
  });

  test("has its last value in a model of one layer", async () => {
    const { of } = await arranged([llama(1), llama(1)], { rules: [weight([0, 1])] });
    expect(of(up(0)).combination?.merge.parameters["weight"]).toEqual([1, 1]);
  });

  test("runs over each stack of layers by itself, and over no experts", async () => {
    const shape = [2];
    const tensors = {
      "text.layers.0.experts.7.w": shape,
      "text.layers.1.experts.0.w": shape,
      "vision.blocks.0.w": shape,
      "vision.blocks.1.w": shape,
      "vision.blocks.2.w": shape,
    };
    const { tensors: made } = await arranged([{ tensors }, { tensors }], { rules: [weight(1)] });
    expect(made.map(({ name, position }) => [name, position])).toEqual([
      ["text.layers.0.experts.7.w", 0],
      ["text.layers.1.experts.0.w", 1],
      ["vision.blocks.0.w", 0],
      ["vision.blocks.1.w", 0.5],
      ["vision.blocks.2.w", 1],
    ]);
  });
});

describe("of several rules", () => {
  test("the first that applies holds: a model's own before one for all", async () => {
    expect(await weightsOf([weight(3, { source: 1 }), weight(2)], up(0))).toEqual([2, 3]);
    expect(await weightsOf([weight(2), weight(3, { source: 1 })], up(0))).toEqual([2, 2]);
  });

  test("a filter is any part of the name; where none matches, the next rule is asked", async () => {
    const rules = [weight(5, { filter: "self_attn" }), weight(6, { filter: "mlp", source: 0 }), weight(7)];
    expect(await weightsOf(rules, "model.layers.0.self_attn.o_proj.weight")).toEqual([5, 5]);
    expect(await weightsOf(rules, up(1))).toEqual([6, 7]);
    expect(await weightsOf(rules, "lm_head.weight")).toEqual([7, 7]);
    // No pattern, and every character counts.
    expect(await weightsOf([weight(5, { filter: "self.attn" }), weight(7)], up(0))).toEqual([7, 7]);
  });

  test("a rule for one model is none for a parameter that all share", async () => {
    const combination: Combination = {
      merge: { method: "slerp", parameters: { alpha: 0.5, eps: 0, dotThreshold: 1 } },
    };
    const rule = { step: "merge", parameter: "alpha", value: 0.1 } as const;
    const alpha = async (rules: readonly Rule[]): Promise<unknown> =>
      (await arranged([llama(1), llama(1)], { combination, rules })).of(up(0)).combination?.merge.parameters[
        "alpha"
      ];
    expect(await alpha([{ ...rule, source: 0 }])).toBe(0.5);
    expect(await alpha([rule])).toBe(0.1);
  });
});

describe("a sparsifier's numbers", () => {
  const combination: Combination = {
    sparsify: { method: "trim", parameters: { reserve: 1, rescale: false } },
    merge: { method: "ties", parameters: { weight: [1, 1], elect: "sum", normalize: true } },
  };
  const density = (value: Rule["value"], source?: number): Rule => ({
    step: "sparsify",
    parameter: "reserve",
    value,
    ...(source !== undefined && { source }),
  });
  const reserve = async (rules: readonly Rule[]): Promise<unknown> =>
    (await arranged([llama(1), llama(1)], { combination, rules })).of(up(0)).combination?.sparsify
      ?.parameters["reserve"];

  test("are one for all models, or one for each where they differ", async () => {
    expect(await reserve([])).toBe(1);
    expect(await reserve([density(0.5)])).toBe(0.5);
    expect(await reserve([density(0.25, 1), density(0.5)])).toEqual([0.5, 0.25]);
  });

  test("that contradict each other at some tensor are refused there", async () => {
    const thinned: Combination = {
      sparsify: { method: "magprune", parameters: { reserve: 0.5, epsilon: 0.1, rescale: true } },
      merge: combination.merge,
    };
    const { problems } = await arranged([llama(1), llama(1)], {
      combination: thinned,
      rules: [{ ...density(0.99, 1), filter: "up_proj" }],
    });
    expect(problems).toMatchObject([{ code: "request/invalid-value", tensor: up(0) }]);
  });
});

test("a required parameter that no rule gives is missed with its name, the model and the tensor", async () => {
  const { problems } = await arranged([llama(2), llama(2)], {
    rules: [weight(1, { source: 0 }), weight(2, { source: 1, filter: "mlp" })],
  });
  expect(problems.map(({ tensor }) => tensor)).toEqual([
    "lm_head.weight",
    "model.embed_tokens.weight",
    "model.layers.0.self_attn.o_proj.weight",
    "model.layers.1.self_attn.o_proj.weight",
    "model.norm.weight",
  ]);
  expect(problems.at(-1)).toEqual({
    code: "request/missing-value",
    tensor: "model.norm.weight",
    file: "/b",
    message: 'linear needs a value for "weight", and the recipe has none for it',
    hint: expect.stringContaining("without a filter"),
  });
});

describe("a model that is alone", () => {
  const merge = (method: string, parameters: Combination["merge"]["parameters"]): Combination => ({
    merge: { method, parameters },
  });

  test("is copied where the method needs several, whatever parameters are missing", async () => {
    const { of, problems } = await arranged([llama(1)], { combination: merge("slerp", {}) });
    expect(problems).toEqual([]);
    expect(of(up(0))).not.toHaveProperty("combination");
  });

  test("is copied where its weight is 1 or becomes it, and multiplied by any other", async () => {
    const made = async (weight: number, normalize: boolean): Promise<boolean> => {
      const combination = merge("linear", { weight: [weight], normalize });
      return (await arranged([llama(1)], { combination })).of(up(0)).combination === undefined;
    };
    expect(await made(1, false)).toBe(true);
    expect(await made(0.3, true)).toBe(true);
    expect(await made(0.3, false)).toBe(false);
  });

  test("is converted where the recipe has another type", async () => {
    const { of } = await arranged([llama(1)], { combination: merge("slerp", {}), dtype: "BF16" });
    expect(of(up(0))).toMatchObject({ dtype: "BF16", combination: { merge: { method: "linear" } } });
  });

  test("may be the base, to which nothing is added", async () => {
    const { of } = await arranged([llama(1)], { models: [], base: { path: "/a" } });
    expect(of(up(0))).toMatchObject({ hasBase: false });
    expect(of(up(0))).not.toHaveProperty("combination");
  });
});

test("a donor's types are the output's, wherever it stands among the models", async () => {
  const narrow = { tensors: { w: { shape: [2], dtype: "BF16" } } } as const;
  const wide = { tensors: { w: { shape: [2], dtype: "F32" } } } as const;
  const rules = [weight(1)];
  expect((await arranged([narrow, wide], { rules })).of("w").dtype).toBe("BF16");
  const donated = await arranged([narrow, wide], { rules, donor: { path: "/b" } });
  expect(donated.of("w").dtype).toBe("F32");
  expect(donated.of("w").sources.map(({ model }) => model.checkpoint.path)).toEqual(["/a", "/b"]);
});
