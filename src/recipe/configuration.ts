import type { ParameterValue } from "../methods/define.ts";
import { flags } from "./flags.ts";
import type { FlagName } from "./flags.ts";
import type { Recipe } from "./recipe.ts";

/**
 * The text of `merge_config.json`: all that decides the output's bytes, under the flags' names and in their order.
 * Read as a configuration, with an output path beside it, it gives the same recipe.
 */
export function configurationOf(recipe: Recipe): string {
  const decided: Partial<Record<FlagName, unknown>> = {
    model_path_list: recipe.models,
    base_model_path: recipe.base,
    merge_prefix: recipe.prefix,
    merge_method: recipe.merge.method,
    seed: recipe.seed,
    dtype: recipe.dtype,
    max_shard_size: recipe.maxShardBytes,
    copy_file_list: recipe.companions,
  };
  const entries = [...flags].map(([name, { parameter }]): [string, unknown] => [
    name,
    decided[name] ?? parameterValue(recipe, parameter),
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function parameterValue({ merge }: Recipe, name: string | undefined): ParameterValue | undefined {
  return name === undefined ? undefined : merge.parameters[name];
}
