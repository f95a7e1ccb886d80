import * as fs from "node:fs";
import * as path from "node:path";
import { TensorweldError } from "../errors.ts";
import type { ProblemCode } from "../errors.ts";
import { commitFolder, flush } from "./node-commit.ts";
import { takeLock } from "./node-lock.ts";
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
  isLink: (file) => inspecting(file, () => statOrNothing(file, fs.lstatSync)?.isSymbolicLink() ?? false),
  // The system's own, not Node's: where upper and lower case are the same it also gives the case that is stored.
  realPath: (file) => inspecting(file, () => fs.realpathSync.native(file)),
  isMountPoint,
  list,
  open,
  freeBytes,
  makeFolder: (folder) => writing(folder, () => void fs.mkdirSync(folder, { recursive: true })),
  takeLock,
  createFile,
  openSink,
  writeText: (file, text) => writing(file, () => fs.writeFileSync(file, text)),
  copyFile,
  flush,
  commitFolder,
  remove: (file) => writing(file, () => fs.rmSync(file, { recursive: true, force: true, maxRetries: 3 })),
};

function look(file: string): Entry | undefined {
  const stats = inspecting(file, () => statOrNothing(file, fs.statSync));
  if (stats === undefined) return undefined;
  if (stats.isFile()) return { kind: "file", size: stats.size };
  return { kind: stats.isDirectory() ? "folder" : "other", size: 0 };
}

function isMountPoint(file: string): boolean {
  const [own, parent] = [file, path.dirname(file)].map((at) =>
    inspecting(at, () => statOrNothing(at, fs.statSync)),
  );
  return own !== undefined && own.dev !== parent?.dev;
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
    const put = writing(file, () => fs.writeSync(handle, from, done, bytes, at + done));
    if (put === 0) throw shortWrite(file, at + done, bytes);
    done += put;
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

function statOrNothing(file: string, stat: (file: string) => fs.Stats): fs.Stats | undefined {
  try {
    return stat(file);
  } catch (error) {
    if (absentCodes.has(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

const absentCodes: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

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

function shortWrite(file: string, at: number, wanted: number): TensorweldError {
  const message = `takes nothing more: ${wanted} bytes were to be written at offset ${at}`;
  return new TensorweldError("failed", [{ code: "io/write", file, message }]);
}
