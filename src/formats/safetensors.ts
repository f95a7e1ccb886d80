import { refuseIfAny } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { Checkpoint, InputFile, TensorInfo } from "./checkpoint.ts";
import type { Format } from "./format.ts";
import { readIndexFile } from "./index-file.ts";
import { shorten } from "./describe-json.ts";
import { problemList } from "./problem-list.ts";
import type { ProblemList } from "./problem-list.ts";
import { readHeader } from "./safetensors-header.ts";
import type { SafetensorsHeader } from "./safetensors-header.ts";

const extension = ".safetensors";
const indexExtension = ".safetensors.index.json";

/** Hugging Face's safetensors: one file, or shards with an index. Source: huggingface.co/docs/safetensors. */
export const safetensors: Format = {
  name: "safetensors",
  entryNames: (prefix) => [`${prefix}${indexExtension}`, `${prefix}${extension}`],
  claims: (name) => name.endsWith(extension) || name.endsWith(indexExtension),
  read: (storage, path, entry) =>
    entry.endsWith(indexExtension) ? readSharded(storage, path, entry) : readSingle(storage, path, entry),
};

/** A file whose header is valid. */
interface ValidFile {
  readonly file: InputFile;
  readonly header: SafetensorsHeader;
}

async function readSingle(storage: Storage, path: string, file: string): Promise<Checkpoint> {
  const problems = problemList(file);
  const valid = await readFile(storage, file, problems);
  refuseIfAny(problems.all());
  return checkpointOf(path, valid === undefined ? [] : [valid], () => true, []);
}

async function readSharded(storage: Storage, path: string, index: string): Promise<Checkpoint> {
  const weightMap = await readIndexFile(storage, index, extension);
  const indexProblems = problemList(index);
  const shardProblems: Problem[] = [];
  const shards = new Map<string, ValidFile>();
  for (const [name, tensors] of groupByFile(weightMap)) {
    const file = storage.join(storage.parentOf(index), name);
    if ((await storage.look(file)) === undefined) {
      addMissingFile(name, tensors, indexProblems);
      continue;
    }
    const problems = problemList(file);
    const valid = await readFile(storage, file, problems);
    shardProblems.push(...problems.all());
    if (valid === undefined) continue;
    shards.set(name, valid);
    addMissingTensors(name, tensors, valid, indexProblems);
  }
  refuseIfAny([...indexProblems.all(), ...shardProblems]);
  const listed = (tensor: string, file: string): boolean => weightMap.get(tensor) === storage.nameOf(file);
  return checkpointOf(path, [...shards.values()], listed, unlistedNotices(weightMap, shards));
}

/** The tensors of each file, by file name in sorted order. */
function groupByFile(weightMap: ReadonlyMap<string, string>): Map<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [tensor, file] of weightMap) {
    const group = groups.get(file);
    if (group === undefined) groups.set(file, [tensor]);
    else group.push(tensor);
  }
  return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function readFile(
  storage: Storage,
  path: string,
  problems: ProblemList,
): Promise<ValidFile | undefined> {
  const source = await storage.open(path);
  try {
    const header = await readHeader(source, problems);
    if (header === undefined) return undefined;
    const { size, modified } = source;
    return { header, file: { path, size, modified, headerHash: header.hash } };
  } finally {
    await source.close();
  }
}

function addMissingFile(name: string, tensors: readonly string[], problems: ProblemList): void {
  const more = tensors.length > 1 ? ` and ${tensors.length - 1} more` : "";
  const message = `weight_map says that the file ${JSON.stringify(shorten(name))} holds it${more}, but there is no such file`;
  const hint = "download or copy the missing file";
  problems.add({ code: "index/missing-file", tensor: tensors[0]!, message, hint });
}

function addMissingTensors(
  name: string,
  tensors: readonly string[],
  { header }: ValidFile,
  problems: ProblemList,
): void {
  const held = new Set(header.entries.map((entry) => entry.name));
  for (const tensor of tensors) {
    if (held.has(tensor)) continue;
    const message = `weight_map says that the file ${JSON.stringify(shorten(name))} holds it, but that file does not`;
    problems.add({ code: "index/missing-tensor", tensor, message });
  }
}

/** One notice for every shard that holds tensors the index does not know. */
function unlistedNotices(
  weightMap: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, ValidFile>,
): readonly string[] {
  return [...shards.values()].flatMap(({ file, header }) => {
    const names = header.entries.map(({ name }) => name).filter((name) => !weightMap.has(name));
    if (names.length === 0) return [];
    const shown = names.slice(0, 3).map((name) => JSON.stringify(shorten(name)));
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
    return [`${file.path}: left out, because the index does not list it: ${shown.join(", ")}${more}`];
  });
}

/** The files put together. Where two say different things under one metadata key, the first file counts. */
function checkpointOf(
  path: string,
  files: readonly ValidFile[],
  listed: (tensor: string, file: string) => boolean,
  notices: readonly string[],
): Checkpoint {
  const tensors = new Map<string, TensorInfo>();
  const metadata = new Map<string, string>();
  for (const { file, header } of files) {
    for (const { name, dtype, shape, begin, end } of header.entries) {
      if (!listed(name, file.path)) continue;
      const offset = header.dataOffset + begin;
      tensors.set(name, { name, dtype, shape, file: file.path, offset, bytes: end - begin });
    }
    for (const [key, value] of header.metadata) if (!metadata.has(key)) metadata.set(key, value);
  }
  return { path, format: safetensors.name, files: files.map(({ file }) => file), tensors, metadata, notices };
}
