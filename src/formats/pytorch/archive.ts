import type { ByteSource } from "../../io/source.ts";
import { describeFew } from "../describe-few.ts";
import { shorten } from "../describe-json.ts";
import { whatItIsInstead } from "../impostors.ts";
import type { ProblemList } from "../problem-list.ts";
import { readZip } from "../zip/read-zip.ts";
import { readRecord } from "../zip/record.ts";
import type { ZipEntry } from "../zip/zip-entry.ts";

/** A file that `torch.save` wrote: a zip of one folder with a pickle, and a file for each storage. */
export interface Archive {
  /** Absolute path of the file. */
  readonly path: string;
  /** What the names of the storages' entries begin with: they end in the storages' keys. */
  readonly storages: string;
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** What was saved. */
  readonly pickle: ZipEntry;
}

/** How a zip with at least one entry begins: the signature of its first local header. */
const zipStart = 0x0403_4b50;

/** Bytes of the entry that names a byte order: the longest that means anything is "little". */
const maxByteOrderBytes = 16;

/**
 * The archive that the file `source` is, or undefined when it is none that holds tensors: then `problems` says what
 * it is instead. Source: torch/serialization.py, `_save`; caffe2/serialize/inline_container.cc.
 * @throws TensorweldError `io/read` or `io/short-read`.
 */
export async function openArchive(source: ByteSource, problems: ProblemList): Promise<Archive | undefined> {
  const refuse = (message: string, hint?: string): undefined => {
    problems.add({ code: "pytorch/container", message, ...(hint !== undefined && { hint }) });
  };
  if (!(await beginsLikeZip(source))) {
    const hint = (await whatItIsInstead(source)) ?? "it is no file of PyTorch, or it is damaged";
    return refuse("is not a zip archive, which is what PyTorch saves", hint);
  }
  const entries = await readZip(source, problems);
  if (entries === undefined) return undefined;
  const folders = new Set([...entries.keys()].map((name) => name.slice(0, name.indexOf("/") + 1)));
  const [folder = "", another] = folders;
  if (folder === "" || another !== undefined) {
    const found = describeFew([...folders], describeFolder);
    return refuse(`must hold one folder and nothing beside it, but has files in ${found}`, notSaved);
  }
  if (isProgram(folder, entries)) return refuse("is a TorchScript program", programHint);
  const pickle = entries.get(`${folder}data.pkl`);
  if (pickle === undefined)
    return refuse(`has no file ${JSON.stringify(`${shorten(folder)}data.pkl`)}`, notSaved);
  const order = await readByteOrder(source, entries.get(`${folder}byteorder`));
  if (order !== undefined && order !== "little")
    return refuse(`has the byte order ${JSON.stringify(order)}, where "little" is needed`, orderHint);
  return { path: source.path, storages: `${folder}data/`, entries, pickle };
}

const notSaved = "it is no file of torch.save: save a dict of tensors with that";
const programHint = "save the tensors in it: torch.save(torch.jit.load(path).state_dict(), other_path)";
const orderHint = "load it with PyTorch 2.1 or later on a common machine, and torch.save it again";

async function beginsLikeZip(source: ByteSource): Promise<boolean> {
  if (source.size < 4) return false;
  return (await readRecord(source, 0, 4)).getUint32(0, true) === zipStart;
}

/** Whether the archive holds code beside tensors; what its tensors are is up to that code. */
function isProgram(folder: string, entries: ReadonlyMap<string, ZipEntry>): boolean {
  if (entries.has(`${folder}constants.pkl`)) return true;
  return [...entries.keys()].some((name) => name.startsWith(`${folder}code/`));
}

/** The byte order that the archive says its numbers have; undefined when it says nothing. */
async function readByteOrder(source: ByteSource, entry: ZipEntry | undefined): Promise<string | undefined> {
  if (entry === undefined) return undefined;
  const bytes = new Uint8Array(Math.min(entry.bytes, maxByteOrderBytes));
  await source.readInto(bytes, entry.offset);
  return String.fromCharCode(...bytes);
}

function describeFolder(name: string): string {
  return name === "" ? "no folder" : JSON.stringify(shorten(name));
}
