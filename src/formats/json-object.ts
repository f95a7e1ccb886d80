import type { Problem } from "../errors.ts";
import { describeJson, shorten } from "./describe-json.ts";
import { type JsonObject, lineAndColumn, parseJson } from "./json.ts";
import { decodeUtf8 } from "./utf8.ts";

/** The object that a file in JSON holds. */
export interface JsonObjectFile {
  /** Absent when the bytes are no JSON object. */
  readonly object?: JsonObject;
  /** What is wrong with it, names that appear twice included: which of two values counts is up to whoever reads them. */
  readonly faults: readonly Pick<Problem, "message" | "line" | "column">[];
}

/** The object whose text in UTF-8 is `bytes`. */
export function readJsonObject(bytes: Uint8Array): JsonObjectFile {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { faults: [{ message: "is not valid UTF-8" }] };
  const parsed = parseJson(text);
  if ("fault" in parsed) {
    const { message, position } = parsed.fault;
    return { faults: [{ message: `is not valid JSON: ${message}`, ...lineAndColumn(text, position) }] };
  }
  const faults = parsed.duplicates.map(({ path }) => ({
    message: `${JSON.stringify(shorten(path.join(".")))} appears twice`,
  }));
  if (parsed.value instanceof Map) return { object: parsed.value, faults };
  return { faults: [...faults, { message: `is ${describeJson(parsed.value)}, not an object` }] };
}
