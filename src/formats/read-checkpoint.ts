import { refuseIfAny } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { Checkpoint, InputFile, TensorInfo } from "./checkpoint.ts";
import { describeFew } from "./describe-few.ts";
import { shorten } from "./describe-json.ts";
import { indexSuffix } from "./format.ts";
import type { Format, WeightFile } from "./format.ts";
import { readIndexFile } from "./index-file.ts";
import { problemList } from "./problem-list.ts";
import type { ProblemList } from "./problem-list.ts";

/**
 * The checkpoint that begins at the file `entry`: that file alone, or the shards it is the index of.
 * @param path what the user named.
 * @throws TensorweldError `refused`, with every problem of all files.
 */
export async function readCheckpoint(
  storage: Storage,
  format: Format,
  path: string,
  entry: string,
): Promise<Checkpoint> {
  if (entry.endsWith(indexSuffix)) return readSharded(storage, format, path, entry);
  const problems = problemList(entry);
  const valid = await readFile(storage, format, entry, problems);
  refuseIfAny(problems.all());
  return checkpointOf(format, path, valid === undefined ? [] : [valid], () => true, []);
}

/** A file whose header is valid. */
interface ValidFile {
  readonly file: InputFile;
  readonly contents: WeightFile;
}

async function readSharded(
  storage: Storage,
  format: Format,
  path: string,
  index: string,
): Promise<Checkpoint> {
  const weightMap = await readIndexFile(storage, index, format.extensions);
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
    const valid = await readFile(storage, format, file, problems);
    shardProblems.push(...problems.all());
    if (valid === undefined) continue;
    shards.set(name, valid);
    addMissingTensors(name, tensors, valid, indexProblems);
  }
  refuseIfAny([...indexProblems.all(), ...shardProblems]);
  const listed = (tensor: string, file: string): boolean => weightMap.get(tensor) === storage.nameOf(file);
  return checkpointOf(format, path, [...shards.values()], listed, unlistedNotices(weightMap, shards));
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
  format: Format,
  path: string,
  problems: ProblemList,
): Promise<ValidFile | undefined> {
  const source = await storage.open(path);
  try {
    const contents = await format.readFile(source, problems);
    if (contents === undefined) return undefined;
    const { size, modified } = source;
    return { contents, file: { path, size, modified, headerHash: contents.headerHash } };
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
  { contents }: ValidFile,
  problems: ProblemList,
): void {
  const held = new Set(contents.tensors.map((tensor) => tensor.name));
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
  return [...shards.values()].flatMap(({ file, contents }) => {
    const names = contents.tensors.map(({ name }) => name).filter((name) => !weightMap.has(name));
    if (names.length === 0) return [];
    const listed = describeFew(names, (name) => JSON.stringify(shorten(name)));
    return [`${file.path}: left out, because the index does not list it: ${listed}`];
  });
}

/** The files put together. Where two say different things under one metadata key, the first file counts. */
function checkpointOf(
  format: Format,
  path: string,
  files: readonly ValidFile[],
  listed: (tensor: string, file: string) => boolean,
  notices: readonly string[],
): Checkpoint {
  const tensors = new Map<string, TensorInfo>();
  const metadata = new Map<string, string>();
  for (const { contents } of files) {
    for (const tensor of contents.tensors)
      if (listed(tensor.name, tensor.file)) tensors.set(tensor.name, tensor);
    for (const [key, value] of contents.metadata) if (!metadata.has(key)) metadata.set(key, value);
  }
  return {
    path,
    format: format.name,
    files: files.map(({ file }) => file),
    tensors,
    metadata,
    notices: [...notices, ...files.flatMap(({ contents }) => contents.notices)],
  };
}
