import type { FlagValues } from "./flag-values.ts";
import type { Recipe } from "./recipe.ts";

/** What of a recipe is no matter of what is merged: flags say it, whatever form the rest comes in. */
export type OutputChoices = Pick<Recipe, "prefix" | "maxShardBytes" | "companions" | "modelCard" | "seed">;

/** The choices that flags make. */
export function outputChoices(values: FlagValues): OutputChoices {
  return {
    prefix: values.merge_prefix,
    maxShardBytes: values.max_shard_size,
    ...(values.copy_file_list !== undefined && { companions: values.copy_file_list }),
    modelCard: values.model_card,
    seed: values.seed,
  };
}
