import type { Problem } from "../../errors.ts";
import type { Model } from "../models.ts";

/** Warnings that a model is listed more than once, under whatever names: the files it is read from are the same. */
export function duplicates(models: readonly Model[]): readonly Problem[] {
  const listed = new Map<string, Model[]>();
  // Merges of the same files are not the same.
  for (const model of models.filter(({ made }) => made === undefined)) {
    const files = JSON.stringify(model.files.map(({ path }) => path));
    listed.set(files, [...(listed.get(files) ?? []), model]);
  }
  return [...listed.values()]
    .filter(({ length }) => length > 1)
    .map(([model, ...again]) => ({
      code: "check/duplicate",
      file: model!.checkpoint.path,
      message: `is among the models ${again.length + 1} times, and counts as often`,
      hint: "list it once; with --weight_list it can count for more",
    }));
}
