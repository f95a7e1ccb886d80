import type { RecipeMethod } from "../index.ts";

/** What the methods of recipes are, in a sentence. */
export const recipesNote =
  "In a recipe, merge_method takes all these names, and they mean there what they mean to mergekit, whose defaults are others.";

const baseTexts: Readonly<Record<RecipeMethod["base"], string>> = {
  difference: "differences to it are merged",
  first: "the first of the models",
  listed: "one of the models",
};

/** What a recipe's base model is to a method. */
export function recipeBaseText({ base, needsBase }: RecipeMethod): string {
  return needsBase ? `needed; ${baseTexts[base]}` : `optional; ${baseTexts[base]}`;
}

/** The steps of a method of recipes, with the values that are its own: `trim (threshold count) + ties`. */
export function recipeStepsText({ sparsify, merge }: RecipeMethod): string {
  return [sparsify, merge].flatMap((step) => (step === undefined ? [] : stepText(step))).join(" + ");
}

function stepText({ method, values }: RecipeMethod["merge"]): string {
  const own = Object.entries(values).map(([name, value]) => `${name} ${String(value)}`);
  return own.length === 0 ? method : `${method} (${own.join(", ")})`;
}

/** The parameters of a method of recipes by their names there, with the steps' parameters that they set. */
export function recipeParameterTexts(method: RecipeMethod): readonly (readonly [string, string])[] {
  const parameters = Object.entries(method.parameters).map(
    ([key, { step, parameter, perModel, default: value }]): [string, string] => {
      const sets = `Sets ${parameter} of ${method[step]!.method}${perModel ? " for each model" : ""}`;
      return [key, value === undefined ? `${sets}. Must be given.` : `${sets}. Default ${String(value)}.`];
    },
  );
  const idle = Object.entries(method.idle ?? {});
  return [...parameters, ...idle.map(([key, reason]) => [key, `Has no effect: ${reason}.`] as const)];
}
