import type { Problem } from "../../errors.ts";
import type { Storage } from "../../io/storage.ts";
import type { Recipe } from "../../recipe/recipe.ts";
import { layerCountKeys } from "../arrangement/layer-stack.ts";
import { weightsFolder } from "../model-settings.ts";
import { distinctModels, leadingModel, type Models } from "../models.ts";
import { configDifferences } from "./config-differences.ts";
import { dtypeDifferences } from "./dtype-differences.ts";
import { duplicates } from "./duplicates.ts";
import { tokenizerDifferences } from "./tokenizer-differences.ts";

/**
 * What speaks against merging models that fit each other tensor by tensor: listed twice, stored in several types, made
 * for other settings, or with other vocabularies. Read from headers and small files; a few warnings for each model.
 */
export async function warningsOf(
  storage: Storage,
  models: Models,
  recipe: Recipe,
): Promise<readonly Problem[]> {
  const leader = leadingModel(models);
  const others = distinctModels(models).filter((model) => model !== leader);
  const leadingFolder = weightsFolder(storage, leader.checkpoint);
  const folders = new Set(others.map(({ checkpoint }) => weightsFolder(storage, checkpoint)));
  folders.delete(leadingFolder);
  return [
    ...duplicates(models.models),
    // In slices tensors of one name are not merged with each other.
    ...(models.slices === undefined ? dtypeDifferences(leader, others, recipe.dtype) : []),
    ...(await configDifferences(storage, leadingFolder, [...folders], settledBy(recipe))),
    ...(await tokenizerDifferences(storage, leadingFolder, [...folders])),
  ];
}

/** Settings in which models may differ, because the output has its own. */
function settledBy({ slices, reconcile = false }: Recipe): readonly string[] {
  return [
    ...(slices === undefined ? [] : layerCountKeys),
    ...(reconcile ? ["vocab_size", "tie_word_embeddings"] : []),
  ];
}
