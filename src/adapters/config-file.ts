import type { InputFile } from "../formats/checkpoint.ts";
import type { JsonObject } from "../formats/json.ts";
import { readJsonObject } from "../formats/json-object.ts";
import type { ProblemList } from "../formats/problem-list.ts";
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
  const { object: values, faults } = readJsonObject(bytes);
  for (const fault of faults) problems.add({ code: "adapter/configuration", ...fault });
  return { file, ...(values !== undefined && { values }) };
}

async function lookInto(storage: Storage, path: string): Promise<{ size: number; modified: number }> {
  const source = await storage.open(path);
  await source.close();
  return { size: source.size, modified: source.modified };
}
