import { RECORD_KEY } from "../recipe/configuration.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { Provenance } from "./provenance.ts";

/** Name of the file in an output that holds the recipe it was made by, word for word, as mergekit calls it. */
export const RECIPE_NAME = "mergekit_config.yml";

/**
 * The text of `merge_config.json` where flags can't say what was done: which file says it, what decided the output's
 * bytes besides, and the provenance.
 */
export function recipeRecord(recipe: Recipe, provenance: Provenance): string {
  const { seed, prefix, maxShardBytes, companions, modelCard } = recipe;
  const record = {
    note: `a record, and no configuration: to merge again, run ${RECIPE_NAME} with the flags below`,
    recipe: RECIPE_NAME,
    flags: {
      merge_prefix: prefix,
      seed,
      max_shard_size: maxShardBytes,
      ...(companions && { copy_file_list: companions }),
      model_card: modelCard,
    },
    [RECORD_KEY]: provenance,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}
