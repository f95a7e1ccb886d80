import { isEmbedding, isOutput } from "../../adapters/tied-weights.ts";
import type { DType } from "../../dtype.ts";
import type { Problem } from "../../errors.ts";
import type { JsonValue } from "../../formats/json.ts";
import { jsonText, layoutOf } from "../../formats/json-text.ts";
import { strayTarget } from "../../io/own-files.ts";
import type { Storage } from "../../io/storage.ts";
import type { Recipe } from "../../recipe/recipe.ts";
import type { ArrangedTensor } from "../arrangement/arranged-tensor.ts";
import { parseLayerName } from "../arrangement/layer-name.ts";
import { advised } from "../checks/advised.ts";
import { CONFIG_NAME, readConfigFile, readConfigText } from "../checks/model-config.ts";
import { companionFolder } from "../companions.ts";
import type { ModelSettings } from "../model-settings.ts";
import { distinctModels, leadingModel, type Model, type Models } from "../models.ts";
import type { Document } from "../plan.ts";
import { changedConfig, type ConfigChanges } from "./changes.ts";
import { layerChanges } from "./layer-changes.ts";

/** What the output's config.json follows from. */
export interface ConfigSources {
  readonly recipe: Recipe;
  readonly models: Models;
  readonly settings: ModelSettings;
  readonly tensors: readonly ArrangedTensor[];
  /** Whether output layers are written for models that share theirs with their embeddings. */
  readonly untied: boolean;
}

/** The donor's config.json with changes; without a document, it is copied as it is, or there is none. */
export interface OutputConfig {
  readonly documents: readonly Document[];
  readonly warnings: readonly Problem[];
}

/** What PyTorch calls the types that are merged. */
const torchNames: Partial<Record<DType, string>> = {
  F64: "float64",
  F32: "float32",
  BF16: "bfloat16",
  F16: "float16",
};

const advice = "look through config.json of the output before it is used";

/** The config.json of the output: the donor's, and what is no longer true of the output changed in it. */
export async function outputConfig(storage: Storage, from: ConfigSources): Promise<OutputConfig> {
  const changes = changesOf(from);
  const path = await donatedConfig(storage, from);
  const isSliced = from.models.slices !== undefined;
  const { config: written } = leadingModel(from.models);
  const isNeeded = isSliced || written !== undefined || isAny(changes);
  if (path === undefined || !isNeeded) return { documents: [], warnings: [] };
  const read = written === undefined ? await readConfigFile(storage, path) : readConfigText(written);
  if (read === undefined) return { documents: [], warnings: [] };
  if ("problems" in read) {
    const copied = read.problems.map((problem) => ({
      ...problem,
      message: `${problem.message}; it is copied as it is, though the output differs from its model`,
    }));
    return { documents: [], warnings: advised(copied, advice) };
  }
  const changed = changedConfig(read.object, changes);
  const layout = layoutOf(read.text);
  const text = jsonText(changed, layout);
  const isSame = written === undefined && text === jsonText(read.object, layout);
  const message = "says nothing of the number of layers, which slices decide";
  const isSilent = isSliced && changes.layers === undefined;
  return {
    documents: isSame ? [] : [{ name: CONFIG_NAME, text }],
    warnings: isSilent ? [{ code: "check/config", file: path, message, hint: advice }] : [],
  };
}

function changesOf({ recipe, models, settings, tensors, untied }: ConfigSources): ConfigChanges {
  const dtype = recipe.dtype && torchNames[recipe.dtype];
  const layers = models.slices && layerChanges(models, settings);
  const vocabularySize = recipe.reconcile === true ? changedRows(models, tensors) : undefined;
  return {
    ...(dtype !== undefined && { dtype }),
    ...(layers && { layers }),
    ...(vocabularySize !== undefined && { vocabularySize }),
    untied: untied || (recipe.reconcile === true && hidesOutputLayer(models, settings, tensors)),
  };
}

/** Whether an output layer is written that the donor says it shares with its embeddings, and another model says it has. */
function hidesOutputLayer(
  models: Models,
  settings: ModelSettings,
  tensors: readonly ArrangedTensor[],
): boolean {
  const isTied = (model: Model): JsonValue | undefined => settings.get(model)?.get("tie_word_embeddings");
  const hasOwn = tensors.some(({ name }) => isOutput(name) && parseLayerName(name) === undefined);
  return (
    hasOwn &&
    isTied(leadingModel(models)) === true &&
    distinctModels(models).some((model) => isTied(model) === false)
  );
}

function isAny({ dtype, layers, vocabularySize, untied }: ConfigChanges): boolean {
  return untied || [dtype, layers, vocabularySize].some((change) => change !== undefined);
}

/** Rows of the output's embeddings, when the donor's have another number. */
function changedRows(models: Models, tensors: readonly ArrangedTensor[]): number | undefined {
  const table = tensors.find(({ name }) => isEmbedding(name) && parseLayerName(name) === undefined);
  const donated = table && leadingModel(models).tensors.get(table.name);
  return donated?.shape[0] === table?.shape[0] ? undefined : table?.shape[0];
}

/** Where the config.json is that the output takes over; undefined when it takes over none. */
async function donatedConfig(
  storage: Storage,
  { models, recipe }: ConfigSources,
): Promise<string | undefined> {
  if (recipe.companions?.includes(CONFIG_NAME) === false) return undefined;
  const folder = await companionFolder(storage, leadingModel(models).checkpoint.path);
  const path = storage.join(folder, CONFIG_NAME);
  if ((await storage.look(path))?.kind !== "file") return undefined;
  // What a stranger's link leads to is not copied either.
  return (await strayTarget(storage, folder, path)) === undefined ? path : undefined;
}
