import { expect, test } from "vitest";
import type { FileMerge } from "../../../src/recipe/yaml/recipe-file.ts";
import { noticesOf, parse, problemsOf } from "./parsing.ts";

// Section 6.2 of the specification of mergekit's recipes: several merges in one file.

/** A document that averages models; each a letter, or the name of another document. */
const mean = (models: readonly string[], name?: string): string =>
  [
    ...(name === undefined ? [] : [`name: ${name}`]),
    "merge_method: karcher",
    "models:",
    ...models.map((model) => `  - model: ${model}`),
    "",
  ].join("\n");

const namesOf = (merges: readonly FileMerge[]): readonly (string | undefined)[] =>
  merges.map(({ name }) => name);

test("later documents refer to earlier ones by name in place of a path; the one without a name is the output", async () => {
  const { merges, notices } = await parse(`${mean(["a", "b"], "ab")}---\n${mean(["ab", "c"])}`);
  expect(notices).toEqual([]);
  expect(namesOf(merges)).toEqual(["ab", undefined]);
  expect(merges[1]?.recipe.models).toEqual([{ path: "ab", merge: "ab" }, { path: "/here/c" }]);
});

test("the order of the documents is free: each comes after those it needs", async () => {
  const text = [mean(["x", "y"]), mean(["x", "a"], "y"), mean(["b", "c"], "x")].join("---\n");
  expect(namesOf((await parse(text)).merges)).toEqual(["x", "y", undefined]);
});

test("a merge may be a base, have an adapter, and come before a path of the same name", async () => {
  const text = `${mean(["c", "d"], "a")}---
merge_method: task_arithmetic
base_model: a
models: [{ model: a+b }, { model: { model: { path: a } } }]
parameters: { weight: 1 }`;
  const { merges } = await parse(text);
  expect(merges.at(-1)?.recipe).toMatchObject({
    base: { path: "a", merge: "a" },
    models: [{ path: "a", merge: "a", adapter: "/here/b" }],
  });
});

test("only models are names of merges: a merge called linear changes no method", async () => {
  const text = `${mean(["a", "b"], "linear")}---\nmerge_method: linear
models: [{ model: linear, parameters: { weight: 1 } }]`;
  const { merges } = await parse(text);
  expect(merges.at(-1)?.recipe.combination.merge.method).toBe("linear");
});

test("empty documents are none; a document alone may have a name", async () => {
  const { merges } = await parse(`---\n# nothing\n---\n${mean(["a", "b"], "only")}...\n---\n`);
  expect(namesOf(merges)).toEqual(["only"]);
});

test("documents that need each other are refused at the name that closes the circle", async () => {
  const text = [mean(["x", "a"]), mean(["y", "a"], "x"), mean(["x", "b"], "y")].join("---\n");
  expect(await problemsOf(text)).toEqual([
    "r.yml:15:12: x needs this merge for its own models: neither can be the first (name a model on the disk in one of them)",
  ]);
  expect(await problemsOf(mean(["x", "a"], "x"))).toEqual([
    expect.stringContaining("r.yml:4:12: x needs this merge"),
  ]);
});

test("a name that is given twice is refused", async () => {
  const text = [mean(["a", "b"], "x"), mean(["b", "c"], "x"), mean(["x", "a"])].join("---\n");
  expect(await problemsOf(text)).toEqual(["r.yml:7:7: there is another merge called x (rename one of them)"]);
});

test("an unknown name is refused, with the one that is meant", async () => {
  expect(await problemsOf(`${mean(["a", "b"], "first")}---\n${mean(["frist", "c"])}`)).toEqual([
    "r.yml:9:12: there is neither /here/frist, nor /cache/frist/refs/main in the Hugging Face cache (did you mean the merge first?)",
  ]);
});

test("there is one output: two without names, or several that all have one, are refused", async () => {
  expect(await problemsOf(`${mean(["a", "b"])}---\n${mean(["b", "c"])}`)).toEqual([
    expect.stringContaining("r.yml:6:15: this is the second merge without a name"),
  ]);
  expect(await problemsOf(`${mean(["a", "b"], "x")}---\n${mean(["x", "c"], "y")}`)).toEqual([
    expect.stringContaining("r.yml:7:7: all 2 merges have names"),
  ]);
});

test("what the output does not need is left out, which is told", async () => {
  const text = `${mean(["a", "b"], "idle")}---\n${mean(["a", "c"])}`;
  expect(namesOf((await parse(text)).merges)).toEqual([undefined]);
  expect(await noticesOf(text)).toEqual(["r.yml:1:7: this merge is left out: the output does not need it."]);
});

test.each(["a/b", "../x", "x y", "a+b", "a@b", "''", "[x]"])("%s is no name", async (name) => {
  expect(await problemsOf(mean(["a", "b"], name))).toEqual([
    expect.stringContaining("r.yml:1:7: name: expected up to 100 letters, digits and any of _ . -"),
  ]);
});

test("problems of all documents are told at once", async () => {
  const text = `${mean(["a", "b"], "x")}dytpe: float16\n---\n${mean(["x", "c"])}dtype: f16\n`;
  expect(await problemsOf(text)).toHaveLength(2);
});
