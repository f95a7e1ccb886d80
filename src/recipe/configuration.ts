import { NO_SPARSIFIER, pairOf } from "./combination-name.ts";
import { flags } from "./flags.ts";
import type { FlagName } from "./flags.ts";
import type { Recipe } from "./recipe.ts";

/**
 * The text of `merge_config.json`: all that decides the output's bytes, under the flags' names and in their order.
 * Read as a configuration, with an output path beside it, it gives the same recipe.
 */
export function configurationOf(recipe: Recipe): string {
  const { sparsify, merge } = recipe.combination;
  const parameters = { ...sparsify?.parameters, ...merge.parameters };
  const decided: Partial<Record<FlagName, unknown>> = {
    model_path_list: recipe.models,
    base_model_path: recipe.base,
    merge_prefix: recipe.prefix,
    ...methodFlags(recipe),
    seed: recipe.seed,
    dtype: recipe.dtype,
    max_shard_size: recipe.maxShardBytes,
    copy_file_list: recipe.companions,
  };
  const entries = [...flags].map(([name, { parameter }]): [string, unknown] => [
    name,
    decided[name] ?? (parameter === undefined ? undefined : parameters[parameter]),
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function methodFlags({ combination }: Recipe): Partial<Record<FlagName, string>> {
  const { sparsify, merge } = combination;
  const pair = pairOf(combination);
  if (pair !== undefined) return { merge_method: pair.name };
  return { sparsify_type: sparsify?.method ?? NO_SPARSIFIER, merge_type: merge.method };
}
