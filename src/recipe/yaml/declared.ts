import type { Parameter } from "../../methods/parameters.ts";
import { methods, sparsifiers } from "../../methods/index.ts";
import type { RecipeMethod, RecipeParameter } from "../../methods/recipe-methods.ts";

/** The parameters of a step of a method, by their names in that step; none without the step. */
export function stepParameters(
  method: RecipeMethod,
  step: RecipeParameter["step"],
): Readonly<Record<string, Parameter>> {
  const rule =
    step === "merge" ? methods.get(method.merge.method) : sparsifiers.get(method.sparsify?.method ?? "");
  return rule?.parameters ?? {};
}
