import { describe, expect, test } from "vitest";
import { parseRecipeFile, type RecipeFile } from "../../../src/recipe/yaml/recipe-file.ts";
import { context, parse, problemsOf } from "./parsing.ts";

/** A recipe with a line more, below the parameters of model b. */
const withModelLine = (line: string): string => `merge_method: ties
base_model: a
models:
  - model: b
    parameters:
      weight: 1
${line}
parameters: { normalize: true }`;

async function parseLeniently(text: string): Promise<RecipeFile> {
  return parseRecipeFile(text, "r.yml", { ...context(), lenient: true });
}

describe.each([
  [
    "a misspelt parameter",
    "      densty: 0.5",
    '7:7: ties has no parameter "densty"',
    "did you mean density?",
  ],
  [
    "a parameter beside parameters",
    "    density: 0.5",
    '7:5: an item of models has no key "density"',
    "density is a parameter: write it in parameters:",
  ],
  [
    "a misspelt one beside parameters",
    "    wieght: 0.5",
    '7:5: an item of models has no key "wieght"',
    "did you mean weight, in parameters:?",
  ],
  [
    "a parameter of other methods",
    "      gamma: 0.5",
    '7:7: ties has no parameter "gamma"',
    "leave it out: it is a parameter of breadcrumbs, breadcrumbs_ties",
  ],
  [
    "a parameter of no method",
    "      qqqqqq: 0.5",
    '7:7: ties has no parameter "qqqqqq"',
    "its parameters are weight, density, normalize, rescale, lambda",
  ],
  [
    "a parameter of all models under one",
    "      lambda: 2",
    "7:7: lambda of ties is one for all models, not for each",
    "move it to the parameters: of the recipe, or of the slice",
  ],
  [
    "a misspelt key",
    "    paramaters: {}",
    '7:5: an item of models has no key "paramaters"',
    "did you mean parameters?",
  ],
  [
    "a key of another mapping",
    "    layer_range: [0, 1]",
    '7:5: an item of models has no key "layer_range"',
    "layer_range is a key of a source of a slice",
  ],
  [
    "a key that every object of JavaScript has",
    "      constructor: 1",
    '7:7: ties has no parameter "constructor"',
    "its parameters are weight, density, normalize, rescale, lambda",
  ],
  [
    "a misspelt key of the recipe",
    "base-modle: b",
    '7:1: a recipe has no key "base-modle"',
    "did you mean base_model?",
  ],
  [
    "a parameter at the top",
    "lambda: 2",
    '7:1: a recipe has no key "lambda"',
    "lambda is a parameter: write it in parameters:",
  ],
])("%s", (_, line, message, hint) => {
  const text = withModelLine(line);

  test("is refused with its place and the fix", async () => {
    expect(await problemsOf(text)).toEqual([`r.yml:${message} (${hint})`]);
  });

  test("is told and ignored where that is asked for, as mergekit ignores it", async () => {
    const { merges, notices } = await parseLeniently(text);
    expect(notices).toEqual([`r.yml:${message}; it is ignored.`]);
    expect(merges).toEqual((await parse(withModelLine(""))).merges);
  });
});

test("a value that means nothing is refused, lenient or not", async () => {
  const text = withModelLine("      density: half");
  await expect(parseLeniently(text)).rejects.toThrow("r.yml:7:16: expected a number");
});

test("what follows from a misspelt name is no second problem", async () => {
  const text = `merge_methd: ties
base_modle: a
modles:
  - modle: b
    weigth: 1
`;
  const places = (await problemsOf(text)).map((problem) => problem.split(": ")[0]);
  expect(places).toEqual(["r.yml:1:1", "r.yml:2:1", "r.yml:3:1", "r.yml:4:5", "r.yml:5:5"]);
});

test("of very many problems fifty are listed, and the rest counted", async () => {
  const lines = Array.from({ length: 200 }, (_, index) => `unknown-${index}: 1`);
  const problems = await problemsOf(`${withModelLine("")}\n${lines.join("\n")}`);
  expect(problems).toHaveLength(51);
  expect(problems.at(-1)).toBe("r.yml: and 150 more in this file");
});
