import { expect, test } from "vitest";
import { noticesOf, problemsOf, recipeOf } from "./parsing.ts";

// Section 1.1 of the specification of mergekit's recipes: the keys of the top level.

const models = "models: [{ model: a }, { model: b }]";
const linear = `merge_method: linear\n${models}\nparameters: { weight: 1 }`;

test("merge_method: an unknown one is refused where it stands, with the one that is meant", async () => {
  const text = `models: [{ model: a }]\nmerge_method: task_arithmatic`;
  expect(await problemsOf(text)).toEqual([
    'r.yml:2:15: there is no merge_method "task_arithmatic" (did you mean task_arithmetic?)',
  ]);
});

test("merge_method is required", async () => {
  expect(await problemsOf(models)).toEqual([
    "r.yml:1:1: a recipe without merge_method (add merge_method: How the models become one.)",
  ]);
});

test.each([
  ["models: []\nslices: []", "got none"],
  ["modules: {}", "got none"],
  ["base_model: a", "got none"],
  [`${models}\nslices: [{ sources: [{ model: a, layer_range: [0, 1] }] }]`, "got models and slices"],
  [`${models}\nmodules: { default: { models: [{ model: a }] } }`, "got models and modules"],
])("exactly one of models, slices and modules, an empty one being none: %j", async (contents, found) => {
  const [problem, ...others] = await problemsOf(`merge_method: passthrough\n${contents}`);
  expect(others).toEqual([]);
  expect(problem).toContain(`expected exactly one of models, slices, modules, ${found}`);
});

test("an empty list beside another is none", async () => {
  expect((await recipeOf(`${linear}\nslices: []`)).models).toHaveLength(2);
});

test.each([
  ["bfloat16", "BF16"],
  ["float16", "F16"],
  ["torch.float32", "F32"],
])("dtype and out_dtype: %s", async (name, dtype) => {
  expect((await recipeOf(`${linear}\ndtype: ${name}`)).dtype).toBe(dtype);
  expect((await recipeOf(`${linear}\nout_dtype: ${name}`)).dtype).toBe(dtype);
});

test("out_dtype is what is written; that dtype has then no effect is told", async () => {
  const text = `${linear}\ndtype: float32\nout_dtype: bfloat16`;
  expect(await noticesOf(text)).toEqual([
    "r.yml:4:1: dtype has no effect beside out_dtype: values are rounded once, to out_dtype.",
  ]);
  expect((await recipeOf(`${linear}\ndtype: float16\nout_dtype: float16`)).dtype).toBe("F16");
});

test.each([
  ["bf16", "did you mean bfloat16?"],
  ["half", "did you mean float16?"],
  ["flaot32", "did you mean float32?"],
])("dtype: %s is refused when the file is read", async (name, hint) => {
  expect(await problemsOf(`${linear}\nout_dtype: ${name}`)).toEqual([
    `r.yml:4:12: expected one of bfloat16, float16, float32, got "${name}" (${hint})`,
  ]);
});

test("dtype: types that are not merged are refused", async () => {
  expect(await problemsOf(`${linear}\ndtype: int64`)).toHaveLength(1);
  expect(await problemsOf(`${linear}\ndtype: float64`)).toHaveLength(1);
});

test.each([
  ["tokenizer_source: union", "tokenizer_source"],
  ["tokenizer_source: base", "tokenizer_source"],
  ["tokenizer:\n  source: union\n  tokens: {}", "tokenizer"],
  ["chat_template: auto", "chat_template"],
])("tokenizers and templates are refused by name, as not available yet: %j", async (line, key) => {
  const [problem, ...others] = await problemsOf(`${linear}\n${line}`);
  expect(others).toEqual([]);
  expect(problem).toMatch(new RegExp(`^r.yml:4:1: ${key} is not available yet: .*\\(leave it out`));
});

test("null is absent at the top level, and wherever a key may be left out", async () => {
  const text = `${linear}\nbase_model: null\ndtype: ~\ntokenizer_source:\nslices: Null\nmodules: NULL`;
  expect(await recipeOf(text)).toEqual(await recipeOf(linear));
});

test("words mean what they mean in YAML 1.1, as mergekit reads it", async () => {
  for (const [word, value] of [
    ["yes", true],
    ["Off", false],
    ["TRUE", true],
    ["0", false],
    ["1.0", true],
  ] as const) {
    const text = `merge_method: linear\n${models}\nparameters: { weight: 1, normalize: ${word} }`;
    const { rules = [] } = await recipeOf(text);
    expect(rules.find(({ parameter }) => parameter === "normalize")?.value).toBe(value);
  }
});
