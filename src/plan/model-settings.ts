import type { Checkpoint } from "../formats/checkpoint.ts";
import type { JsonObject } from "../formats/json.ts";
import type { Storage } from "../io/storage.ts";
import { effectiveSettings } from "./checks/effective-settings.ts";
import { readConfigText, readModelConfig } from "./checks/model-config.ts";
import { distinctModels, type Model, type Models } from "./models.ts";

/** What the config.json of each model says, of those that have one which can be read. */
export type ModelSettings = ReadonlyMap<Model, JsonObject>;

/** The settings of all models. What is wrong with a file is told where they are compared. */
export async function modelSettings(storage: Storage, models: Models): Promise<ModelSettings> {
  const settings = new Map<Model, JsonObject>();
  for (const model of distinctModels(models)) {
    const folder = weightsFolder(storage, model.checkpoint);
    const written = model.config === undefined ? undefined : readConfigText(model.config);
    const found =
      written === undefined
        ? (await readModelConfig(storage, folder, () => {}))?.settings
        : effectiveSettings(written.object);
    if (found !== undefined) settings.set(model, found);
  }
  return settings;
}

/** The folder that a checkpoint's weights are in. */
export function weightsFolder(storage: Storage, { path, files }: Checkpoint): string {
  const [first] = files;
  return first === undefined ? path : storage.parentOf(first.path);
}
