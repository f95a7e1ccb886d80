import { describe, expect, test } from "vitest";

import { overrideConfig, readFlags } from "../../src/recipe/read-flags.ts";

describe("readFlags", () => {
  test.each([
    ["slerp_alhpa", "did you mean --slerp_alpha?"],
    ["slerp-alhpa", "did you mean --slerp_alpha?"],
    ["weigth_list", "did you mean --weight_list?"],
    ["__proto__", "docs/flags.md lists all keys"],
    ["temperature", "docs/flags.md lists all keys"],
  ])("an unknown key %s: %s", (key, hint) => {
    const config = JSON.parse(`{ "${key}": 1 }`) as unknown;
    expect(readFlags(config).problems).toEqual([
      { code: "request/unknown-key", key, message: "there is no such flag", hint },
    ]);
  });

  test("the same key with hyphens and with underscores is a contradiction", () => {
    expect(readFlags({ slerp_alpha: 0.3, "slerp-alpha": 0.3 }).problems).toEqual([
      {
        code: "request/contradiction",
        key: "slerp_alpha",
        message: "is given twice, as slerp_alpha = 0.3 and as slerp-alpha = 0.3",
        hint: "keep one of them",
      },
    ]);
  });

  test("a known misspelling is read, with a notice", () => {
    const { values, notices, problems } = readFlags({ merge_preifx: "master_weights" });
    expect({ prefix: values.merge_prefix, notices, problems }).toEqual({
      prefix: "master_weights",
      notices: ["merge_preifx is read as merge_prefix."],
      problems: [],
    });
  });

  test("null and undefined are the same as leaving the key out", () => {
    const { given, values, problems } = readFlags({
      base_model_path: null,
      slerp_alpha: null,
      dtype: undefined,
    });
    expect([given.size, values.base_model_path, values.slerp_alpha, problems]).toEqual([
      0,
      undefined,
      0.5,
      [],
    ]);
  });

  test.each([null, [], "a", 3, undefined])("%j is no configuration", (config) => {
    expect(readFlags(config).problems).toMatchObject([{ code: "request/invalid-value" }]);
  });

  test("each wrong item of a list is named", () => {
    expect(
      readFlags({ weight_list: [1, "x", 2, Number.NaN] }).problems.map(({ message }) => message),
    ).toEqual(['value 2: expected a finite number, got "x"', "value 4: expected a finite number, got NaN"]);
  });

  test("a long value is cut in the message", () => {
    const [problem] = readFlags({ device: "x".repeat(5000) }).problems;
    expect(problem?.message.length).toBeLessThan(200);
  });

  test("a value that JSON does not have is shown all the same", () => {
    const circular: unknown[] = [];
    circular.push(circular);
    expect(
      readFlags({ seed: 42n, device: circular, dtype: () => 1 }).problems.map(({ message }) => message),
    ).toEqual([
      "expected a whole number, at least 0, got 42",
      expect.stringMatching(/^expected one of F64, .* got \(\) => 1$/),
      "expected one of cpu, gpu, low_gpu_mem, got ",
    ]);
  });

  test("a list that was typed with commas has a hint", () => {
    const hint = "put blanks between the values, not commas";
    expect(readFlags({ weight_list: ["1,2"] }).problems).toMatchObject([{ key: "weight_list", hint }]);
  });

  test("a misspelt choice has a hint", () => {
    expect(readFlags({ device: "low_gpu_men" }).problems[0]?.hint).toBe("did you mean low_gpu_mem?");
  });
});

describe("overrideConfig", () => {
  test("replaces keys however they are spelt", () => {
    const file = { "slerp-alpha": 0.1, merge_preifx: "model", seed: 1 } as Parameters<
      typeof overrideConfig
    >[0];
    expect(overrideConfig(file, { slerp_alpha: 0.2, merge_prefix: "master_weights" })).toEqual({
      slerp_alpha: 0.2,
      merge_prefix: "master_weights",
      seed: 1,
    });
  });

  test("a list of models replaces the other form of it", () => {
    const models = { model_path_list: ["c", "d"] };
    expect(overrideConfig({ model_path_str: "a,b", seed: 1 }, models)).toEqual({ ...models, seed: 1 });
    expect(overrideConfig(models, { model_path_str: "a,b" })).toEqual({ model_path_str: "a,b" });
  });

  test("keeps unknown keys, for readFlags to refuse", () => {
    const file = { wieghts: 1 } as Parameters<typeof overrideConfig>[0];
    expect(overrideConfig(file, { seed: 1 })).toEqual({ wieghts: 1, seed: 1 });
  });
});
