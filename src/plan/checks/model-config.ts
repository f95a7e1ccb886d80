import { isTensorweldError, type Problem } from "../../errors.ts";
import type { JsonObject } from "../../formats/json.ts";
import { readJsonObject } from "../../formats/json-object.ts";
import { readSmallFile, type Storage } from "../../io/storage.ts";
import { effectiveSettings } from "./effective-settings.ts";

/** Bytes of a config.json; real ones take a few thousand, those that name many classes a million. */
const MAX_CONFIG_BYTES = 16_000_000;

/** What a model's config.json says. */
export interface ModelConfig {
  readonly path: string;
  readonly settings: JsonObject;
}

/** The config.json in a model's folder; undefined when there is none, or none that can be read: then `warn` hears why. */
export async function readModelConfig(
  storage: Storage,
  folder: string,
  warn: (problem: Problem) => void,
): Promise<ModelConfig | undefined> {
  const path = storage.join(folder, "config.json");
  try {
    if ((await storage.look(path))?.kind !== "file") return undefined;
    const { object, faults } = readJsonObject(await readSmallFile(storage, path, MAX_CONFIG_BYTES));
    const [fault] = faults;
    if (fault !== undefined) warn(notCompared({ ...fault, file: path }));
    else if (object !== undefined) return { path, settings: effectiveSettings(object) };
  } catch (error) {
    if (!isTensorweldError(error)) throw error;
    for (const problem of error.problems) warn(notCompared(problem));
  }
  return undefined;
}

function notCompared({ message, ...place }: Omit<Problem, "code">): Problem {
  return { ...place, code: "check/config", message: `${message}; it is not compared with the other models'` };
}
