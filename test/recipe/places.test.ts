import { expect, test } from "vitest";

import { parseRequest } from "../../src/recipe/config.ts";
import { modelText, parseModelReference } from "../../src/recipe/model-reference.ts";
import { context, problemsOf } from "./context.ts";

const merged = { output_path: "/out" };

test.each([
  ["model", { path: "/here/model" }],
  ["model+adapter", { path: "/here/model", adapter: "/here/adapter" }],
  ["/a/model+/b/adapter", { path: "/a/model", adapter: "/b/adapter" }],
  ["c++", { path: "/here/c+" }],
  ["c+++adapter", { path: "/here/c+", adapter: "/here/adapter" }],
  ["model+a++b", { path: "/here/model", adapter: "/here/a+b" }],
])("%j names %j", (text, reference) => {
  expect(parseModelReference(text, context.resolve)).toEqual(reference);
  expect(parseModelReference(modelText(reference), context.resolve)).toEqual(reference);
});

test.each(["model+", "+adapter", "model+a+b", "+", ""])("%j names no model", (text) => {
  expect(parseModelReference(text, context.resolve)).toBeUndefined();
});

test("models and the base may have adapters", () => {
  const config = { model_path_list: ["a+x", "b"], base_model_path: "c+y", ...merged };
  const { recipe } = parseRequest(config, context);
  expect(recipe.models).toEqual([{ path: "/here/a", adapter: "/here/x" }, { path: "/here/b" }]);
  expect(recipe.base).toEqual({ path: "/here/c", adapter: "/here/y" });
});

test("lora_model_path is the base with an adapter, at full weight", () => {
  const config = { base_model_path: "base", lora_model_path: "a+b", ...merged };
  const { recipe, notices } = parseRequest(config, context);
  expect(recipe.models).toEqual([{ path: "/here/base", adapter: "/here/a+b" }]);
  expect(recipe.base).toBeUndefined();
  expect(recipe.combination).toEqual({
    merge: { method: "linear", parameters: { weight: [1], normalize: true } },
  });
  expect(notices).toEqual([]);
});

test("lora_model_path leaves nothing to a list of models or a method", () => {
  const config = {
    model_path_list: ["a", "b"],
    base_model_path: "base+x",
    lora_model_path: "l",
    merge_method: "ties",
    reserve_p: 0.5,
    seed: 7,
    ...merged,
  };
  expect(problemsOf(() => parseRequest(config, context)).map(({ code, key }) => [code, key])).toEqual([
    ["request/contradiction", "model_path_list"],
    ["request/contradiction", "base_model_path"],
    ["request/contradiction", "merge_method"],
    ["request/contradiction", "reserve_p"],
  ]);
});

test("lora_model_path needs a base", () => {
  const config = { lora_model_path: "l", ...merged };
  expect(problemsOf(() => parseRequest(config, context)).map(({ code, key }) => [code, key])).toEqual([
    ["request/missing-value", "base_model_path"],
  ]);
});

test("a reference that names no model is refused under its flag", () => {
  const config = { model_path_list: ["a+b+c", "b"], base_model_path: "+", ...merged };
  expect(problemsOf(() => parseRequest(config, context))).toMatchObject([
    {
      code: "request/invalid-value",
      key: "model_path_list",
      message: '"a+b+c" is no path, and no MODEL+ADAPTER',
    },
    { code: "request/invalid-value", key: "base_model_path" },
  ]);
});

test("the output may not lie in an adapter", () => {
  const config = { base_model_path: "b", lora_model_path: "/l", output_path: "/l/out" };
  expect(problemsOf(() => parseRequest(config, context)).map(({ code }) => code)).toEqual([
    "output/is-input",
  ]);
});
