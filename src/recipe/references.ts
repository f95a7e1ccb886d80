import type { ModelReference, Recipe } from "./recipe.ts";

/** Every model that a recipe reads, its own merges' not included; some may be there twice. */
export function referencesOf({
  models,
  base,
  donor,
  slices = [],
}: Pick<Recipe, "models" | "base" | "donor" | "slices">): readonly ModelReference[] {
  const inSlices = slices.flatMap((slice) => [...slice.sources, ...(slice.base ? [slice.base] : [])]);
  return [...models, base, donor, ...inSlices.map(({ model }) => model)].filter(
    (model) => model !== undefined,
  );
}
