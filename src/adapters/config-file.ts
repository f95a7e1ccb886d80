import type { InputFile } from "../formats/checkpoint.ts";
import { describeJson, shorten } from "../formats/describe-json.ts";
import { lineAndColumn, parseJson } from "../formats/json.ts";
import type { JsonObject } from "../formats/json.ts";
import type { ProblemList } from "../formats/problem-list.ts";
import { decodeUtf8 } from "../formats/utf8.ts";
import { readSmallFile } from "../io/storage.ts";
import type { Storage } from "../io/storage.ts";
import { sha256Hex } from "../sha256.ts";

/** Bytes of an adapter's configuration. One with a rank for each of 36,000 modules takes two million. */
const maxConfigBytes = 4_000_000;

/** An adapter's configuration as it is in its file. */
export interface ConfigFile {
  /** Its `headerHash` is that of the whole text. */
  readonly file: InputFile;
  /** Absent when the text is no JSON object: then `problems` says why. */
  readonly values?: JsonObject;
}

/** Reads the JSON object in the file at `path`. @throws TensorweldError `io/read` or `io/short-read`. */
export async function readConfigFile(
  storage: Storage,
  path: string,
  problems: ProblemList,
): Promise<ConfigFile> {
  // Looked at before it is read: of a file that changes in between, the change is noticed later.
  const { size, modified } = await lookInto(storage, path);
  const bytes = new Uint8Array(await readSmallFile(storage, path, maxConfigBytes));
  const file = { path, size, modified, headerHash: await sha256Hex(bytes) };
  const values = parseObject(bytes, problems);
  return { file, ...(values !== undefined && { values }) };
}

async function lookInto(storage: Storage, path: string): Promise<{ size: number; modified: number }> {
  const source = await storage.open(path);
  await source.close();
  return { size: source.size, modified: source.modified };
}

function parseObject(bytes: Uint8Array, problems: ProblemList): JsonObject | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    problems.add({ code: "adapter/configuration", message: "is not valid UTF-8" });
    return undefined;
  }
  const parsed = parseJson(text);
  if ("fault" in parsed) {
    const { message, position } = parsed.fault;
    const place = lineAndColumn(text, position);
    problems.add({ code: "adapter/configuration", message: `is not valid JSON: ${message}`, ...place });
    return undefined;
  }
  for (const { path } of parsed.duplicates) {
    const message = `${JSON.stringify(shorten(path.join(".")))} appears twice`;
    problems.add({ code: "adapter/configuration", message });
  }
  if (parsed.value instanceof Map) return parsed.value;
  const message = `is ${describeJson(parsed.value)}, not an object`;
  problems.add({ code: "adapter/configuration", message });
  return undefined;
}
