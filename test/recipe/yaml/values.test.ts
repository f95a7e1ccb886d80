import { describe, expect, test } from "vitest";
import { problemsOf, rulesOf } from "./parsing.ts";

// Section 1.4 of the specification of mergekit's recipes: values of parameters.

/** A recipe whose `name` is set to `value` for all models, or for model b. */
const ties = (everywhere: string, ofB = ""): string => `merge_method: ties
base_model: a
models:
  - model: b
    parameters: { weight: 1${ofB} }
parameters: { ${everywhere} }`;

test.each([
  ["0.5", 0.5],
  ["1", 1],
  ["-2.5e-1", -0.25],
  [".5", 0.5],
  ["+3.", 3],
  ['"0.5"', 0.5],
  ["true", 1],
  ["false", 0],
  ["-0.0", 0],
])("a number: %s", async (text, value) => {
  expect(await rulesOf(ties(`lambda: ${text}`), "scale")).toEqual([{ value }]);
});

test.each([".inf", ".nan", "1e999", "half", "010", "1_000", "0x10", "1:30", '"true"', "", "~", "2024-01-01"])(
  "no number, or not the same in all versions of YAML: %j",
  async (text) => {
    const problems = await problemsOf(ties(`lambda: ${text}`));
    expect(problems).toEqual([expect.stringMatching(/^r\.yml:6:\d+: expected a number, got /)]);
  },
);

describe("a gradient", () => {
  test("is a list of numbers", async () => {
    expect(await rulesOf(ties("density: [0.25, true, '1']"), "reserve")).toEqual([{ value: [0.25, 1, 1] }]);
  });

  test("of no numbers is refused", async () => {
    expect(await problemsOf(ties("lambda: []"))).toEqual([
      "r.yml:6:23: expected a number, or several to spread over the layers, got an empty list",
    ]);
  });

  test("is refused where only true and false are values", async () => {
    expect(await problemsOf(ties("normalize: [1, 0]"))).toEqual([
      "r.yml:6:26: expected true or false, got a list (nothing lies between them)",
    ]);
  });

  test("of gradients is refused", async () => {
    expect(await problemsOf(ties("density: [[0.5], 1]"))).toHaveLength(1);
  });
});

describe("conditional values", () => {
  test("keep their order; filters that are absent, null or * let every name through", async () => {
    const list =
      "[{ filter: mlp, value: 0.1 }, { filter: '*', value: 0.2 }, { filter: null, value: 0.3 }, { value: 0.4 }]";
    expect(await rulesOf(ties(`density: ${list}`), "reserve")).toEqual([
      { value: 0.1, filter: "mlp" },
      { value: 0.2 },
      { value: 0.3 },
      { value: 0.4 },
    ]);
  });

  test("may be gradients", async () => {
    const list = "[{ filter: self_attn, value: [0, 1] }, { value: 0.5 }]";
    expect(await rulesOf(ties(`lambda: ${list}`), "scale")).toEqual([
      { value: [0, 1], filter: "self_attn" },
      { value: 0.5 },
    ]);
  });

  test("may be a single one without a list, which mergekit accepts and fails on", async () => {
    expect(await rulesOf(ties("lambda: { filter: mlp, value: 2 }"), "scale")).toEqual([
      { value: 2, filter: "mlp" },
    ]);
  });

  test("do not mix with numbers", async () => {
    expect(await problemsOf(ties("lambda: [1, { value: 2 }]"))).toEqual([
      expect.stringContaining(
        "r.yml:6:24: expected a mapping of filter and value like its neighbours, got 1",
      ),
    ]);
  });

  test("have a value, and no other keys", async () => {
    expect(await problemsOf(ties("lambda: [{ filter: mlp }]"))).toEqual([
      expect.stringContaining("r.yml:6:24: a conditional value without value"),
    ]);
    expect(await problemsOf(ties("lambda: [{ fliter: mlp, value: 1 }]"))).toEqual([
      'r.yml:6:26: a conditional value has no key "fliter" (did you mean filter?)',
    ]);
    expect(await problemsOf(ties("lambda: [{ filter: [mlp], value: 1 }]"))).toEqual([
      "r.yml:6:34: expected a part of tensors' names, got a list",
    ]);
  });

  test("do not lie within each other", async () => {
    expect(await problemsOf(ties("lambda: [{ value: { value: 1 } }]"))).toEqual([
      "r.yml:6:33: expected a number, got a mapping",
    ]);
  });
});

describe("a parameter's range", () => {
  test.each([
    ["density: -0.5", /^r\.yml:6:24: expected a number .* 0.*, got -0\.5$/],
    ["density: [0.5, -1]", /^r\.yml:6:30: expected a number .* 0.*, got -1$/],
    ["density: [{ value: -1 }]", /^r\.yml:6:34: expected a number .* 0.*, got -1$/],
    ["normalize: 0.5", /^r\.yml:6:26: expected true or false, got 0\.5$/],
    ["normalize: maybe", /^r\.yml:6:26: expected true or false, got "maybe"$/],
  ])("%s is refused where it stands", async (setting, problem) => {
    expect(await problemsOf(ties(setting))).toEqual([expect.stringMatching(problem)]);
  });

  test("holds for one model's values, too", async () => {
    expect(await problemsOf(ties("", ", density: -7"))).toEqual([
      expect.stringMatching(/^r\.yml:5:39: expected a number .* 0.*, got -7$/),
    ]);
  });
});

test("parameters: is a mapping", async () => {
  const text = "merge_method: passthrough\nmodels: [{ model: a }]\nparameters: [scale]";
  expect(await problemsOf(text)).toEqual([
    "r.yml:3:13: parameters: expected a mapping of names and values, got a list",
  ]);
});
