import { describe, expect, test } from "vitest";

import type { Problem } from "../../src/errors.ts";
import { warningsFor } from "./checked-models.ts";

/** Warnings about two models with such configurations. */
function compare(a: string | object, b: string | object): Promise<readonly Problem[]> {
  return warningsFor([{ files: { "config.json": a } }, { files: { "config.json": b } }]);
}

describe("configurations", () => {
  test("that differ are told with both values and files, for each key, and what to do last", async () => {
    const a = { model_type: "llama", vocab_size: 32_000, rope_theta: 10_000, torch_dtype: "float32" };
    const b = { model_type: "mistral", vocab_size: 32_768, rope_theta: 1e6, torch_dtype: "bfloat16" };
    expect(await compare(a, b)).toEqual([
      {
        code: "check/config",
        file: "/b/config.json",
        message: 'model_type is the string "mistral" here and the string "llama" in /a/config.json',
      },
      {
        code: "check/config",
        file: "/b/config.json",
        message: "vocab_size is 32768 here and 32000 in /a/config.json",
      },
      {
        code: "check/config",
        file: "/b/config.json",
        message: "rope_theta is 1000000 here and 10000 in /a/config.json",
        hint: "merge models made for the same settings: the output has the latter file's",
      },
    ]);
  });

  test.each([
    ["numbers written in another way", '{"rope_theta": 1e4}', '{"rope_theta": 10000.0}'],
    ["a setting of one", { rope_theta: 1, tie_word_embeddings: true }, { hidden_size: 8 }],
    ["settings that say nothing of the weights", { torch_dtype: "float16" }, { torch_dtype: "bfloat16" }],
    ["another order", { rope_scaling: { a: 1, b: [2.5] } }, { rope_scaling: { b: [2.5], a: 1 } }],
    ["a size that follows from others", { head_dim: null }, { head_dim: 128 }],
    [
      "windows that are not used",
      { use_sliding_window: false, sliding_window: 32_768 },
      { use_sliding_window: false, sliding_window: 131_072 },
    ],
    [
      "rope settings in the place of transformers 5",
      { rope_theta: 5e5, rope_scaling: { type: "linear", factor: 2 } },
      { rope_parameters: { rope_theta: 5e5, rope_type: "linear", factor: 2 } },
    ],
    [
      "no scaling",
      { rope_theta: 5e5, rope_scaling: null },
      { rope_parameters: { rope_theta: 5e5, rope_type: "default" } },
    ],
    [
      "a text_config that repeats the top",
      { model_type: "gemma3", text_config: { model_type: "gemma3_text", hidden_size: 4 } },
      { model_type: "gemma3", hidden_size: 4 },
    ],
  ])("%s make no difference", async (_, a, b) => {
    expect(await compare(a, b)).toEqual([]);
  });

  test.each([
    [
      { tie_word_embeddings: true },
      { tie_word_embeddings: false },
      "tie_word_embeddings is false here and true",
    ],
    [{ sliding_window: null }, { sliding_window: 4096 }, "sliding_window is 4096 here and null"],
    [{ rope_scaling: null }, { rope_scaling: { type: "yarn" } }, "rope_scaling is an object here and null"],
    [
      { rope_scaling: { rope_type: "yarn", factor: 2.5 } },
      { rope_scaling: { rope_type: "yarn", factor: 4 } },
      "rope_scaling.factor is 4 here and 2.5",
    ],
    [
      { rope_scaling: { rope_type: "yarn", factor: 4 } },
      { rope_scaling: { rope_type: "yarn" } },
      "rope_scaling.factor is absent here and 4",
    ],
    [{ rope_theta: 1e4 }, { rope_parameters: { rope_theta: 5e5 } }, "rope_theta is 500000 here and 10000"],
    [{ text_config: { head_dim: 64 } }, { text_config: { head_dim: 128 } }, "head_dim is 128 here and 64"],
    [
      { architectures: ["A"] },
      { architectures: ["A", "B"] },
      'architectures is [the string "A", the string "B"] here and [the string "A"]',
    ],
  ])("%j and %j differ", async (a, b, message) => {
    expect((await compare(a, b)).map((problem) => problem.message)).toEqual([`${message} in /a/config.json`]);
  });

  test.each([
    [
      '{"a": 1,}',
      { line: 1, column: 9, message: 'is not valid JSON: wanted a name in double quotes, found "}"' },
    ],
    ["[]", { message: "is [], not an object" }],
    ['{"a": 1, "a": 2}', { message: '"a" appears twice' }],
  ])("that are broken, like %s, are told and compared with nothing", async (text, { message, ...place }) => {
    expect(await compare(text, { vocab_size: 1 })).toEqual([
      {
        code: "check/config",
        file: "/a/config.json",
        ...place,
        message: `${message}; it is not compared with the other models'`,
      },
    ]);
  });

  test("full of harm make short warnings, one for each key", async () => {
    const long = "x".repeat(100_000);
    const hostile = `{"__proto__": 1, "rope_scaling": {"${long}": "${long}", "constructor": 1}}`;
    const warnings = await compare(hostile, '{"rope_scaling": {"toString": 1}}');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]!.message.length).toBeLessThan(1000);
  });
});
