import { describe, expect, test } from "vitest";

import { defineMethod } from "../../src/methods/define.ts";
import type { Method } from "../../src/methods/define.ts";
import { methods } from "../../src/methods/index.ts";
import { parseRequest } from "../../src/recipe/config.ts";
import { flags } from "../../src/recipe/flags.ts";
import { flagOf } from "../../src/recipe/parameters.ts";
import { defaultOf } from "../../src/recipe/read-flags.ts";
import { complete, context, problemsOf } from "./context.ts";

// A method that the recipe has never heard of: its declaration alone says what is accepted.
const blend = defineMethod({
  name: "blend",
  summary: "A method of this test.",
  formula: "a",
  reference: "https://example.org",
  models: { minimum: 2, maximum: 2 },
  parameters: {
    alpha: { kind: "number", default: 0.5, minimum: 0, maximum: 1, doc: "A share." },
    eps: { kind: "number", default: 1e-8, minimum: 0, exclusiveMinimum: true, doc: "A norm." },
    elect: { kind: "choice", default: "sum", choices: ["sum"], doc: "A vote." },
    depth: { kind: "number", default: 3, doc: "A parameter without a flag." },
  },
  merge: ([first]) => first!,
});

const blending = { ...context, methods: new Map([["blend", blend as unknown as Method]]) };
const configured = { ...complete, merge_method: "blend" };

describe("parameters as a method declares them", () => {
  test("take their values from the flags that name them, else their defaults", () => {
    expect(parseRequest({ ...configured, slerp_alpha: "0.25" }, blending).recipe.merge).toEqual({
      method: "blend",
      parameters: { alpha: 0.25, eps: 1e-8, elect: "sum", depth: 3 },
    });
  });

  test("are refused outside their ranges, under the flags' names", () => {
    const config = { ...configured, slerp_alpha: 1.5, slerp_normalize_eps: 0, ties_elect_type: "count" };
    expect(problemsOf(() => parseRequest(config, blending))).toEqual([
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

  test("decide which flags have no effect", () => {
    const { notices } = parseRequest({ ...configured, weight_list: [1, 2], normalize: true }, blending);
    expect(notices).toEqual(["weight_list has no effect on blend.", "normalize has no effect on blend."]);
  });

  test("and so does the number of models", () => {
    const config = { ...configured, model_path_list: ["a", "b", "c"] };
    expect(problemsOf(() => parseRequest(config, blending))).toMatchObject([
      { message: "blend takes exactly 2 models, got 3" },
    ]);
  });
});

describe.each([...methods.values()])("$name", (method) => {
  test.each(Object.entries(method.parameters))("has the flag's default for %s", (name, parameter) => {
    const flag = flags.get(flagOf(name)!);
    const assumed = flag === undefined ? undefined : defaultOf(flag);
    if (parameter.kind !== "per-model") expect(parameter.default).toEqual(assumed);
  });
});
