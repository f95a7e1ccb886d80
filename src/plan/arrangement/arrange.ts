import type { Recipe } from "../../recipe/recipe.ts";
import type { ModelSettings } from "../model-settings.ts";
import { leadingModel, type Models } from "../models.ts";
import { type ArrangedPart, PartArranger } from "./arrange-part.ts";
import { mismatches } from "./mismatches.ts";
import { ParameterRules } from "./resolve.ts";
import { slicedParts } from "./slices.ts";
import { wholePart } from "./whole-models.ts";

/** What the tensors of the output are made of; none are told while models don't fit each other. */
export function arrange(models: Models, recipe: Recipe, settings: ModelSettings): ArrangedPart {
  const donor = leadingModel(models);
  const { parts, problems } =
    models.slices === undefined
      ? { parts: [wholePart(models)], problems: [] }
      : slicedParts(models.slices, settings);
  const unfit = [...problems, ...parts.flatMap((part) => mismatches(part, donor, recipe.reconcile === true))];
  if (unfit.length > 0) return { tensors: [], problems: unfit, warnings: [] };
  const rules = new ParameterRules(recipe);
  const arranged = parts.map((part) => new PartArranger(part, donor, recipe, rules).arrange());
  return {
    tensors: arranged.flatMap(({ tensors }) => tensors),
    problems: arranged.flatMap((part) => part.problems),
    warnings: arranged.flatMap(({ warnings }) => warnings),
  };
}
