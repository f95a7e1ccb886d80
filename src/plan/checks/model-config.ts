import { isTensorweldError, type Problem } from "../../errors.ts";
import type { JsonObject } from "../../formats/json.ts";
import { readJsonObject } from "../../formats/json-object.ts";
import { readSmallFile, type Storage } from "../../io/storage.ts";
import { effectiveSettings } from "./effective-settings.ts";

/** Name of the file with a model's settings. */
export const CONFIG_NAME = "config.json";

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
  const path = storage.join(folder, CONFIG_NAME);
  const read = await readConfigFile(storage, path);
  if (read === undefined) return undefined;
  if ("object" in read) return { path, settings: effectiveSettings(read.object) };
  for (const problem of read.problems)
    warn({ ...problem, message: `${problem.message}; it is not compared with the other models'` });
  return undefined;
}

/** What a file holds: its text and the object that stands for, or why it can't be read; undefined when there is none. */
export async function readConfigFile(
  storage: Storage,
  path: string,
): Promise<ConfigText | { readonly problems: readonly Problem[] } | undefined> {
  const code = "check/config";
  try {
    if ((await storage.look(path))?.kind !== "file") return undefined;
    const { text, object, faults } = readJsonObject(await readSmallFile(storage, path, MAX_CONFIG_BYTES));
    if (text !== undefined && object !== undefined && faults.length === 0) return { text, object };
    return { problems: faults.slice(0, 1).map((fault) => ({ ...fault, code, file: path })) };
  } catch (error) {
    if (!isTensorweldError(error)) throw error;
    return { problems: error.problems.map((problem) => ({ ...problem, code })) };
  }
}

/** A config.json: its text, and the object that stands for. */
export interface ConfigText {
  readonly text: string;
  readonly object: JsonObject;
}

/** The object that a config.json stands for which was written here. */
export function readConfigText(text: string): ConfigText | undefined {
  const { object, faults } = readJsonObject(new TextEncoder().encode(text));
  return object !== undefined && faults.length === 0 ? { text, object } : undefined;
}
