import { isTensorweldError, type Problem } from "../../errors.ts";
import { describeJson, shorten } from "../../formats/describe-json.ts";
import { type JsonObject, lineAndColumn, parseJson } from "../../formats/json.ts";
import { decodeUtf8 } from "../../formats/utf8.ts";
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
    const read = readObject(await readSmallFile(storage, path, MAX_CONFIG_BYTES));
    if ("object" in read) return { path, settings: effectiveSettings(read.object) };
    warn(notCompared({ ...read.fault, file: path }));
  } catch (error) {
    if (!isTensorweldError(error)) throw error;
    for (const problem of error.problems) warn(notCompared(problem));
  }
  return undefined;
}

type Reading =
  | { readonly object: JsonObject }
  | { readonly fault: Pick<Problem, "message" | "line" | "column"> };

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
  if (parsed.value instanceof Map) return { object: parsed.value };
  return { fault: { message: `is ${describeJson(parsed.value)}, not an object` } };
}

function notCompared({ message, ...place }: Omit<Problem, "code">): Problem {
  return { ...place, code: "check/config", message: `${message}; it is not compared with the other models'` };
}
