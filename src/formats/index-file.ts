import { refuseIfAny } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { readSmallFile } from "../io/storage.ts";
import type { Storage } from "../io/storage.ts";
import { describeJson, shorten } from "./describe-json.ts";
import { lineAndColumn, parseJson } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { problemList } from "./problem-list.ts";
import type { ProblemList } from "./problem-list.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * Bytes of an index. The largest known one, of 497,000 tensors, is 60 MB; a text must stay below 2^29 characters
 * to fit into one string (V8).
 */
const maxIndexBytes = 250_000_000;

/** Characters of a file's name: no file system in use has room for more. */
const maxNameCharacters = 255;

/**
 * The file that holds each tensor, by the index at `path`; every name is that of a file beside the index.
 * @param extensions what the names of weight files end in, each with its dot.
 * @throws TensorweldError `index/invalid`, `index/unsafe-path`, or what reading the file throws.
 */
export async function readIndexFile(
  storage: Storage,
  path: string,
  extensions: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const bytes = await readSmallFile(storage, path, maxIndexBytes);
  const problems = problemList(path);
  const weightMap = readWeightMap(bytes, problems);
  const files = new Map<string, string>();
  for (const [tensor, file] of weightMap) {
    const fault = faultOfName(file, extensions);
    if (fault !== undefined) problems.add({ ...fault, tensor });
    else if (typeof file === "string") files.set(tensor, file);
  }
  refuseIfAny(problems.all());
  return files;
}

function readWeightMap(bytes: Uint8Array, problems: ProblemList): ReadonlyMap<string, JsonValue> {
  const nothing = new Map<string, JsonValue>();
  const text = decodeUtf8(bytes);
  if (text === undefined) return invalid("is not valid UTF-8", problems);
  const parsed = parseJson(text);
  if ("fault" in parsed) {
    const { message, position } = parsed.fault;
    problems.add({
      code: "index/invalid",
      message: `is not valid JSON: ${message}`,
      ...lineAndColumn(text, position),
    });
    return nothing;
  }
  for (const { path } of parsed.duplicates) {
    const owner = path.length > 1 ? ` in ${shorten(path.slice(0, -1).join("."))}` : "";
    const message = `${JSON.stringify(shorten(path.at(-1)!))} appears twice${owner}`;
    problems.add({ code: "index/invalid", message });
  }
  if (!(parsed.value instanceof Map))
    return invalid(`is ${describeJson(parsed.value)}, not an object`, problems);
  const weightMap = parsed.value.get("weight_map");
  if (weightMap instanceof Map) return weightMap;
  return invalid(
    `weight_map is ${describeJson(weightMap)}, where an object from tensor to file is needed`,
    problems,
  );
}

function invalid(message: string, problems: ProblemList): ReadonlyMap<string, JsonValue> {
  problems.add({ code: "index/invalid", message });
  return new Map();
}

/** Why `file` is not the plain name of a weight file beside the index; undefined when it is one. */
function faultOfName(file: JsonValue, extensions: readonly string[]): Omit<Problem, "file"> | undefined {
  if (typeof file !== "string") {
    const message = `weight_map gives ${describeJson(file)}, where the name of a file is needed`;
    return { code: "index/invalid", message };
  }
  const reason = dangerOf(file) ?? otherKind(file, extensions);
  if (reason === undefined) return undefined;
  const message = `weight_map names the file ${JSON.stringify(shorten(file))}, which ${reason}`;
  return { code: "index/unsafe-path", message, hint: "only plain names of files beside the index are read" };
}

/**
 * What makes a name more than that of a file in the same folder. By every system's rules on every system: a checkpoint
 * that is dangerous on one is refused on all.
 */
function dangerOf(file: string): string | undefined {
  // A colon is a drive or a hidden stream on Windows; control characters end or disguise a name.
  const harm = /[/\\:]|\.\.|\p{Cc}/u.exec(file)?.[0];
  if (harm !== undefined) return `contains ${JSON.stringify(harm)}`;
  if (file.length <= maxNameCharacters) return undefined;
  return `has ${file.length} characters, and a name has at most ${maxNameCharacters}`;
}

function otherKind(file: string, extensions: readonly string[]): string | undefined {
  if (extensions.some((extension) => file.endsWith(extension))) return undefined;
  return `does not end in ${extensions.join(" or ")}`;
}
