import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a method of recipes is timed with: how it takes the base, and values for its parameters. */
export interface TimedRecipe {
  readonly method: string;
  /** Whether differences to a base are merged. */
  readonly base: "named" | "absent";
  readonly parameters: Readonly<Record<string, number>>;
}

/** Parameters of each model that tell thinning methods what to keep; half is kept, as in most published recipes. */
const half = { weight: 0.5, density: 0.5 };

/** The methods of flags under their names in recipes, and those whose formulas are the dearest. */
export const timedRecipes: readonly TimedRecipe[] = [
  { method: "linear", base: "absent", parameters: { weight: 0.5 } },
  { method: "task_arithmetic", base: "named", parameters: { weight: 0.5 } },
  { method: "ties", base: "named", parameters: half },
  { method: "dare_linear", base: "named", parameters: half },
  { method: "dare_ties", base: "named", parameters: half },
  { method: "della_linear", base: "named", parameters: half },
  { method: "della", base: "named", parameters: half },
  { method: "breadcrumbs", base: "named", parameters: half },
  { method: "karcher", base: "absent", parameters: {} },
  { method: "sce", base: "named", parameters: {} },
  { method: "model_stock", base: "named", parameters: {} },
  { method: "multislerp", base: "named", parameters: { weight: 0.5 } },
];

/** Writes a recipe of two models, and of a base where one is named; gives its path. */
export function writeRecipe(
  folder: string,
  { method, parameters }: TimedRecipe,
  [a, b, base]: readonly string[],
): string {
  const models = [a, b].map((model) => ({ model, parameters }));
  // JSON is YAML too.
  const recipe = { merge_method: method, ...(base !== undefined && { base_model: base }), models };
  const file = join(folder, "recipe.yml");
  writeFileSync(file, JSON.stringify(recipe));
  return file;
}
