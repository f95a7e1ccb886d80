import { describe, expect, test } from "vitest";

import { defineMethod } from "../../src/methods/define.ts";
import { methods, parts, sparsifiers } from "../../src/methods/index.ts";
import { parseRequest } from "../../src/recipe/config.ts";
import { flags } from "../../src/recipe/flags.ts";
import { flagOf, readParameters } from "../../src/recipe/parameters.ts";
import type { ParameterReading } from "../../src/recipe/parameters.ts";
import { defaultOf, readFlags } from "../../src/recipe/read-flags.ts";
import { complete, context, problemsOf } from "./context.ts";

// A method that the recipe has never heard of: its declaration alone says what is accepted.
const blend = defineMethod({
  name: "blend",
  summary: "A method of this test.",
  formula: "a",
  reference: "https://example.org",
  differences: [],
  models: { minimum: 2, maximum: 2 },
  parameters: {
    alpha: { kind: "number", default: 0.5, minimum: 0, maximum: 1, doc: "A share." },
    eps: { kind: "number", default: 1e-8, minimum: 0, exclusiveMinimum: true, doc: "A norm." },
    elect: { kind: "choice", default: "sum", choices: ["sum"], doc: "A vote." },
    depth: { kind: "number", default: 3, doc: "A parameter without a flag." },
  },
  conflict: ({ alpha, eps }) => (alpha < eps ? `${alpha} is below ${eps}` : undefined),
  merge: ([first]) => first!,
});

const read = (config: object): ParameterReading => readParameters(blend, readFlags(config), 2);

describe("parameters as a method declares them", () => {
  test("take their values from the flags that name them, else their defaults; those without are left out", () => {
    expect(read({ slerp_alpha: "0.25" })).toEqual({
      values: { alpha: 0.25, eps: 1e-8, elect: "sum" },
      problems: [],
    });
  });

  test("are refused outside their ranges, under the flags' names", () => {
    expect(read({ slerp_alpha: 1.5, slerp_normalize_eps: 0, ties_elect_type: "count" }).problems).toEqual([
      {
        code: "request/invalid-value",
        key: "slerp_alpha",
        message: "expected a number at least 0 and at most 1, got 1.5",
      },
      {
        code: "request/invalid-value",
        key: "slerp_normalize_eps",
        message: "expected a number above 0, got 0",
      },
      { code: "request/invalid-value", key: "ties_elect_type", message: 'expected one of sum, got "count"' },
    ]);
  });

  test("are refused where they are in conflict with each other", () => {
    expect(read({ slerp_alpha: 0.1, slerp_normalize_eps: 0.2 }).problems).toEqual([
      { code: "request/invalid-value", message: "0.1 is below 0.2" },
    ]);
  });

  test.each([[{ slerp_alpha: -1 }], [{ slerp_alpha: "x", slerp_normalize_eps: 0.75 }]])(
    "have no conflict beside a value that is refused: %j",
    (config) => {
      const messages = read(config).problems.map(({ message }) => message);
      expect(messages).not.toContainEqual(expect.stringContaining("is below"));
    },
  );
});

const flagged = [
  ...parts.methods.map((name) => methods.get(name)!),
  ...parts.sparsifiers.map((name) => sparsifiers.get(name)!),
];

describe.each(flagged)("$name", (method) => {
  const parameters = Object.entries(method.parameters).filter(([name]) => flagOf(name) !== undefined);
  test.each(parameters)("has the flag's default for %s", (name, parameter) => {
    const flag = flags.get(flagOf(name)!);
    const assumed = flag === undefined ? undefined : defaultOf(flag);
    if (parameter.kind !== "per-model") expect(parameter.default).toEqual(assumed);
  });
});

test.each([
  [{ merge_method: "dare_ties", reserve_p: 0 }, "a number, above 0 and at most 1, got 0"],
  [{ merge_method: "ties", reserve_p: 1.5 }, "a number, above 0 and at most 1, got 1.5"],
  [{ merge_method: "della", reserve_p: Number.NaN }, "a number, above 0 and at most 1, got NaN"],
  [{ merge_method: "della", epsilon: -1 }, "a number, at least 0 and below 1, got -1"],
  [{ merge_method: "della_linear", epsilon: 1 }, "a number, at least 0 and below 1, got 1"],
  [{ merge_method: "slerp", slerp_alpha: 2 }, "a number at least 0 and at most 1, got 2"],
  [{ merge_method: "slerp", slerp_alpha: -0.5 }, "a number at least 0 and at most 1, got -0.5"],
  [{ merge_method: "slerp", slerp_dot_threshold: 1.5 }, "a number at least 0 and at most 1, got 1.5"],
  [{ merge_method: "slerp", slerp_normalize_eps: -1 }, "a number, at least 0, got -1"],
  [{ merge_method: "ties", weight_list: [1] }, "one number for each of the 2 models, got 1"],
])("%j is refused with the numbers", (config, message) => {
  expect(problemsOf(() => parseRequest({ ...complete, ...config }, context))).toEqual([
    { code: "request/invalid-value", key: Object.keys(config)[1], message: `expected ${message}` },
  ]);
});

describe("della's probabilities", () => {
  test.each([
    [0.7, 0.75, "0.325 to 1.075"],
    [0.125, 0.25, "0 to 0.25"],
    [0.875, 0.25, "0.75 to 1"],
    [0.0625, 0.14, "-0.0075 to 0.1325"],
  ])("with reserve_p %f and epsilon %f leave their bounds", (reserve_p, epsilon, range) => {
    const config = { ...complete, merge_method: "della", reserve_p, epsilon };
    expect(problemsOf(() => parseRequest(config, context))).toEqual([
      {
        code: "request/invalid-value",
        message: expect.stringContaining(
          `reserve_p ${reserve_p} with epsilon ${epsilon} keeps elements with probabilities of ${range};`,
        ) as string,
      },
    ]);
  });

  // PaddleNLP refuses these, though none of the probabilities is out of bounds.
  test.each([0.86, 0.9, 0.929])("with reserve_p %f stay within", (reserve_p) => {
    const config = { ...complete, base_model_path: "base", merge_method: "della", reserve_p };
    expect(parseRequest(config, context).recipe.combination.sparsify?.parameters).toEqual({
      reserve: reserve_p,
      epsilon: 0.14,
      rescale: true,
    });
  });
});
