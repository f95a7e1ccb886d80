import type { Method, Pair, RecipeMethod, Sparsifier } from "../index.ts";
import type { Console } from "./console.ts";
import type { Explained } from "./explained.ts";
import { type Layout, layoutFor } from "./layout.ts";
import {
  countText,
  isForFlags,
  modelsText,
  notation,
  parameterText,
  partsText,
  valuesText,
} from "./method-text.ts";
import type { Paint } from "./paint.ts";
import { recipeBaseText, recipeParameterTexts, recipeStepsText } from "./recipe-text.ts";

/** What a name stands for as a person reads it: the pair, its parts, and what the letters of formulas mean. */
export function explainedLines(explained: Explained, { width, outPaint }: Console): readonly string[] {
  const { pair, sparsifier, method, recipe } = explained;
  const layout = layoutFor(width);
  const mergeFlag = pair === undefined || sparsifier !== undefined ? "--merge_type" : "--merge_method";
  const blocks = [
    ...(pair?.sparsify === undefined ? [] : [pairLines(pair, layout, outPaint)]),
    ...(sparsifier === undefined ? [] : [ruleLines(sparsifier, "--sparsify_type", layout, outPaint)]),
    ...(method === undefined ? [] : [ruleLines(method, mergeFlag, layout, outPaint)]),
    ...(recipe === undefined ? [] : [recipeLines(recipe, layout, outPaint)]),
    layout.paragraph(notation),
  ];
  return blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function pairLines(pair: Pair, layout: Layout, paint: Paint): readonly string[] {
  return [
    paint("bold", `${pair.name} = ${partsText(pair)}`),
    ...layout.items([
      ["flag", `--merge_method ${pair.name}`],
      ["paper", pair.reference],
    ]),
  ];
}

function recipeLines(recipe: RecipeMethod, layout: Layout, paint: Paint): readonly string[] {
  return [
    paint("bold", `${recipe.name} in recipes`),
    ...layout.items([
      ["is", recipeStepsText(recipe)],
      ["base_model", recipeBaseText(recipe)],
      ["models", countText(recipe.models)],
      ["paper", recipe.reference],
      ...recipeParameterTexts(recipe),
    ]),
  ];
}

function ruleLines(rule: Method | Sparsifier, flag: string, layout: Layout, paint: Paint): readonly string[] {
  const { name, summary, formula, reference, parameters, differences } = rule;
  return [
    paint("bold", name),
    ...layout.items([
      ...(isForFlags(rule) ? [["flag", `${flag} ${name}`] as const] : []),
      ["does", summary],
      ["formula", formula],
      ["models", modelsText(rule)],
      ["paper", reference],
    ]),
    ...section(
      layout,
      paint,
      `Parameters of ${name}`,
      Object.entries(parameters).map(([parameter, declared]) => [
        parameterText(rule, parameter),
        `${declared.doc} Takes ${valuesText(declared)}. Default ${declared.default}.`,
      ]),
    ),
    ...section(
      layout,
      paint,
      `Other tools' ${name}`,
      differences.map((difference) => ["-", difference]),
    ),
  ];
}

/** A heading and items under it; nothing without items. */
function section(
  layout: Layout,
  paint: Paint,
  title: string,
  items: Parameters<Layout["items"]>[0],
): readonly string[] {
  return items.length === 0 ? [] : ["", paint("bold", title), ...layout.items(items)];
}
