import type { Problem } from "../../errors.ts";
import type { Checkpoint } from "../../formats/checkpoint.ts";
import type { Storage } from "../../io/storage.ts";
import type { Recipe } from "../../recipe/recipe.ts";
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
  const leadingFolder = folderOf(storage, leader.checkpoint);
  const folders = new Set(others.map(({ checkpoint }) => folderOf(storage, checkpoint)));
  folders.delete(leadingFolder);
  return [
    ...duplicates(models.models),
    ...dtypeDifferences(leader, others, recipe.dtype),
    ...(await configDifferences(storage, leadingFolder, [...folders])),
    ...(await tokenizerDifferences(storage, leadingFolder, [...folders])),
  ];
}

/** The folder that a checkpoint's weights are in. */
function folderOf(storage: Storage, { path, files }: Checkpoint): string {
  const [first] = files;
  return first === undefined ? path : storage.parentOf(first.path);
}
