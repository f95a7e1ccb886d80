import { NO_SPARSIFIER, pairOf } from "./combination-name.ts";
import { flags } from "./flags.ts";
import type { FlagName } from "./flags.ts";
import { modelText } from "./model-reference.ts";
import { isOnlyAdapter } from "./only-adapter.ts";
import type { Recipe } from "./recipe.ts";

/** The key of a configuration file under which it tells of its output's inputs: a record, and no part of the recipe. */
export const RECORD_KEY = "provenance";

/**
 * The text of `merge_config.json`: all that decides the output's bytes, under the flags' names and in their order.
 * Read as a configuration, with an output path beside it, it gives the same recipe.
 * @param record plain data on the inputs to write after the flags.
 */
export function configurationOf(recipe: Recipe, record?: object): string {
  const { sparsify, merge } = recipe.combination;
  const onlyAdapter = isOnlyAdapter(recipe);
  // A model by itself is put together with nothing: how that is done is no choice of the user's.
  const parameters = onlyAdapter ? {} : { ...sparsify?.parameters, ...merge.parameters };
  const decided: Partial<Record<FlagName, unknown>> = {
    ...(onlyAdapter ? adapterFlags(recipe) : { ...modelFlags(recipe), ...methodFlags(recipe) }),
    merge_prefix: recipe.prefix,
    seed: recipe.seed,
    dtype: recipe.dtype,
    max_shard_size: recipe.maxShardBytes,
    copy_file_list: recipe.companions,
    model_card: recipe.modelCard,
    ...(recipe.device && { device: recipe.device, tensor_type: "pd" }),
  };
  const entries = [...flags].map(([name, { parameter }]): [string, unknown] => [
    name,
    decided[name] ?? (parameter === undefined ? undefined : parameters[parameter]),
  ]);
  const configuration = { ...Object.fromEntries(entries), [RECORD_KEY]: record };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function adapterFlags({ models }: Recipe): Partial<Record<FlagName, unknown>> {
  const { path, adapter } = models[0]!;
  return { base_model_path: modelText({ path }), lora_model_path: adapter };
}

function modelFlags({ models, base }: Recipe): Partial<Record<FlagName, unknown>> {
  return {
    model_path_list: models.map(modelText),
    ...(base !== undefined && { base_model_path: modelText(base) }),
  };
}

function methodFlags({ combination }: Recipe): Partial<Record<FlagName, string>> {
  const { sparsify, merge } = combination;
  const pair = pairOf(combination);
  if (pair !== undefined) return { merge_method: pair.name };
  return { sparsify_type: sparsify?.method ?? NO_SPARSIFIER, merge_type: merge.method };
}
