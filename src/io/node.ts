import * as fs from "node:fs";
import * as path from "node:path";
import { TensorweldError } from "../errors.ts";
import type { ProblemCode } from "../errors.ts";
import type { ByteSink } from "./sink.ts";
import type { ByteSource } from "./source.ts";
import type { Entry, Storage } from "./storage.ts";
import { fromSystemError, systemCode } from "./system-errors.ts";

// Calls are synchronous where the interface allows it: in a worker nothing else waits for the thread, and a trip
// through the thread pool costs more than reading a chunk that is in the page cache.

/** Bytes of one system call: Node refuses 2^31 and more. */
const maxCallBytes = 2 ** 30;

/** Interrupted calls in a row after which it is no signal any more but a fault. */
const maxInterruptions = 100;

/** The file system of the machine, for Node: reading and writing block, flushing and committing do not. */
export const nodeStorage: Storage = {
  resolve: (file) => path.resolve(file),
  join: (folder, name) => path.join(folder, name),
  nameOf: (file) => path.basename(file),
  parentOf: (file) => path.dirname(file),
  look,
  list,
  open,
  freeBytes,
  createFolder,
  createFile,
  openSink,
  writeText: (file, text) => writing(file, () => fs.writeFileSync(file, text)),
  copyFile,
  flush,
  commitFolder,
  remove: (file) => writing(file, () => fs.rmSync(file, { recursive: true, force: true, maxRetries: 3 })),
};

function look(file: string): Entry | undefined {
  const stats = inspecting(file, () => statOrNothing(file));
  if (stats === undefined) return undefined;
  if (stats.isFile()) return { kind: "file", size: stats.size };
  return { kind: stats.isDirectory() ? "folder" : "other", size: 0 };
}

function list(folder: string): readonly string[] {
  return inspecting(folder, () => fs.readdirSync(folder)).toSorted();
}

function open(file: string): ByteSource {
  // Asked before opening: opening a pipe that nobody writes to would wait for ever.
  const entry = look(file);
  if (entry === undefined) throw refusal("checkpoint/not-found", file, "there is no such file");
  if (entry.kind !== "file") {
    const found = entry.kind === "folder" ? "a folder" : "a pipe or a device";
    throw refusal("checkpoint/not-found", file, `is ${found}, where a regular file is needed`);
  }
  const handle = inspecting(file, () => fs.openSync(file, "r"));
  const { size, mtimeMs } = inspecting(file, () => fs.fstatSync(handle));
  return {
    path: file,
    size,
    modified: mtimeMs,
    readInto: (into, at) => readInto(handle, file, into, at),
    close: () => fs.closeSync(handle),
  };
}

function readInto(handle: number, file: string, into: Uint8Array, at: number): void {
  for (let done = 0; done < into.length;) {
    const bytes = Math.min(into.length - done, maxCallBytes);
    const got = reading(file, () => fs.readSync(handle, into, done, bytes, at + done));
    if (got === 0) throw shortRead(file, at, into.length, done);
    done += got;
  }
}

function openSink(file: string): ByteSink {
  const handle = writing(file, () => fs.openSync(file, "r+"));
  return {
    path: file,
    write: (from, at) => writeAll(handle, file, from, at),
    close: () => writing(file, () => fs.closeSync(handle)),
  };
}

function writeAll(handle: number, file: string, from: Uint8Array, at: number): void {
  for (let done = 0; done < from.length;) {
    const bytes = Math.min(from.length - done, maxCallBytes);
    done += writing(file, () => fs.writeSync(handle, from, done, bytes, at + done));
  }
}

function freeBytes(file: string): number | undefined {
  let folder = path.resolve(file);
  while (look(folder) === undefined && folder !== path.dirname(folder)) folder = path.dirname(folder);
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Some network and virtual file systems cannot tell; running out of space is then noticed when it happens.
    return undefined;
  }
}

function createFolder(folder: string): void {
  writing(folder, () => fs.mkdirSync(path.dirname(folder), { recursive: true }));
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw writeError(error, folder);
    const message = "exists already: a merge into the same output is running, or one was killed";
    throw refusal("output/staging-exists", folder, message, "if no merge is running, delete this folder");
  }
}

function createFile(file: string, sizeBytes: number): void {
  const handle = writing(file, () => fs.openSync(file, "wx"));
  try {
    writing(file, () => fs.ftruncateSync(handle, sizeBytes));
  } finally {
    fs.closeSync(handle);
  }
}

function copyFile(from: string, to: string): void {
  writing(to, () => {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
    // Model caches keep their files read-only; a copy that stays so could not be flushed or replaced.
    fs.chmodSync(to, 0o644);
  });
}

async function flush(file: string): Promise<void> {
  try {
    const handle = await fs.promises.open(file, "r+");
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw writeError(error, file);
  }
}

async function commitFolder(staged: string, final: string): Promise<void> {
  await flushFolder(staged);
  try {
    // Windows renames onto nothing that exists; `rmdir` takes away an empty folder and never more.
    await fs.promises.rmdir(final).catch(ignoring("ENOENT"));
    await fs.promises.rename(staged, final);
  } catch (error) {
    if (!occupiedCodes.has(systemCode(error) ?? "")) throw writeError(error, final);
    throw refusal("output/exists", final, "exists already and is not an empty folder");
  }
  await flushFolder(path.dirname(final));
}

const occupiedCodes: ReadonlySet<string> = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR"]);

/** Makes the names in a folder last, where the platform can: Windows cannot open a folder to flush it. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await fs.promises.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!noFolderFlush.has(systemCode(error) ?? "")) throw writeError(error, folder);
  }
}

const noFolderFlush: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EINVAL", "EISDIR", "ENOTSUP"]);

function statOrNothing(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch (error) {
    if (absentCodes.has(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

const absentCodes: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

function ignoring(code: string): (error: unknown) => void {
  return (error) => {
    if (systemCode(error) !== code) throw error;
  };
}

/** Runs a call that prepares reading: what goes wrong is the request's fault. */
function inspecting<T>(file: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (absentCodes.has(systemCode(error) ?? "")) {
      throw fromSystemError(error, "refused", "checkpoint/not-found", file, "cannot be opened");
    }
    throw fromSystemError(error, "refused", "io/read", file, "cannot be opened");
  }
}

function reading<T>(file: string, call: () => T): T {
  try {
    return uninterrupted(call);
  } catch (error) {
    throw fromSystemError(error, "failed", "io/read", file, "cannot be read");
  }
}

function writing<T>(file: string, call: () => T): T {
  try {
    return uninterrupted(call);
  } catch (error) {
    throw writeError(error, file);
  }
}

/** Repeats a call that a signal interrupted before it did anything. */
function uninterrupted<T>(call: () => T): T {
  for (let interruptions = 0; ; interruptions++) {
    try {
      return call();
    } catch (error) {
      const again = ["EINTR", "EAGAIN"].includes(systemCode(error) ?? "");
      if (!again || interruptions === maxInterruptions) throw error;
    }
  }
}

function writeError(error: unknown, file: string): TensorweldError {
  return fromSystemError(error, "failed", "io/write", file, "cannot be written");
}

function refusal(code: ProblemCode, file: string, message: string, hint?: string): TensorweldError {
  return new TensorweldError("refused", [{ code, file, message, ...(hint !== undefined && { hint }) }]);
}

function shortRead(file: string, at: number, wanted: number, got: number): TensorweldError {
  const message = `ends before its time: ${wanted} bytes wanted at offset ${at}, ${got} there`;
  const hint = "the file was cut short while it was being read";
  return new TensorweldError("failed", [{ code: "io/short-read", file, message, hint }]);
}
