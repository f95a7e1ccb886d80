import { isTensorweldError, type Problem } from "../../errors.ts";
import { describeJson, shorten } from "../../formats/describe-json.ts";
import { type JsonObject, lineAndColumn, parseJson } from "../../formats/json.ts";
import { decodeUtf8 } from "../../formats/utf8.ts";
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
    const read = readObject(await readSmallFile(storage, path, MAX_CONFIG_BYTES));
    return "object" in read ? read : { problems: [{ ...read.fault, code, file: path }] };
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

type Reading = ConfigText | { readonly fault: Pick<Problem, "message" | "line" | "column"> };

/** The object that a config.json stands for which was written here. */
export function readConfigText(text: string): ConfigText | undefined {
  const read = readObject(new TextEncoder().encode(text));
  return "object" in read ? read : undefined;
}

/** The object that a text in UTF-8 stands for, or what is wrong with it. */
function readObject(bytes: Uint8Array): Reading {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { fault: { message: "is not valid UTF-8" } };
  const parsed = parseJson(text);
  if ("fault" in parsed) {
    const { message, position } = parsed.fault;
    return { fault: { message: `is not valid JSON: ${message}`, ...lineAndColumn(text, position) } };
  }
  // Which of two values counts is up to whoever reads them.
  const [duplicate] = parsed.duplicates;
  const name = duplicate && JSON.stringify(shorten(duplicate.path.join(".")));
  if (name !== undefined) return { fault: { message: `${name} appears twice` } };
  if (parsed.value instanceof Map) return { text, object: parsed.value };
  return { fault: { message: `is ${describeJson(parsed.value)}, not an object` } };
}
