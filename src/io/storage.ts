import type { Awaitable } from "../awaitable.ts";
import { TensorweldError } from "../errors.ts";
import type { ByteSink } from "./sink.ts";
import type { ByteSource } from "./source.ts";

export interface Entry {
  /** "other" is a pipe, a device or a socket: nothing that can be read at an offset. */
  readonly kind: "file" | "folder" | "other";
  /** Bytes; 0 unless it is a file. */
  readonly size: number;
}

/**
 * Everything Tensorweld asks of a file system. Paths are opaque strings of the storage's own kind; only its
 * `resolve`, `join` and `nameOf` take them apart. Every method throws a TensorweldError that names the path.
 */
export interface Storage {
  /** The absolute, normalised form of a path, relative ones being taken from the current folder. */
  resolve(path: string): string;
  /** The path of `name` inside `folder`. */
  join(folder: string, name: string): string;
  /** The last part of a path. */
  nameOf(path: string): string;
  /** The folder that holds `path`. */
  parentOf(path: string): string;

  /** What is at `path`, links followed; undefined when nothing is. */
  look(path: string): Awaitable<Entry | undefined>;
  /** Names of the entries of a folder, sorted by code unit. */
  list(folder: string): Awaitable<readonly string[]>;
  open(path: string): Awaitable<ByteSource>;

  /** Bytes that can still be written below the nearest existing folder of `path`; undefined when unknown. */
  freeBytes(path: string): Awaitable<number | undefined>;
  /** Makes a folder; its parents too. Throws `output/staging-exists` when `path` exists. */
  createFolder(path: string): Awaitable<void>;
  /** Makes a file of `sizeBytes` bytes, all zero. */
  createFile(path: string, sizeBytes: number): Awaitable<void>;
  openSink(path: string): Awaitable<ByteSink>;
  /** Writes a small file whole. */
  writeText(path: string, text: string): Awaitable<void>;
  copyFile(from: string, to: string): Awaitable<void>;
  /** Returns when all that was written to the file so far is on the device. */
  flush(path: string): Promise<void>;
  /** Gives a finished folder its final name in one step. Throws `output/exists` when that name holds files. */
  commitFolder(staged: string, final: string): Promise<void>;
  /** Deletes a file or a folder with all it holds; nothing there is not an error. */
  remove(path: string): Awaitable<void>;
}

/** All bytes of a small file. Throws `io/read` when it is longer than `limitBytes`. */
export async function readSmallFile(storage: Storage, path: string, limitBytes: number): Promise<Uint8Array> {
  const source = await storage.open(path);
  try {
    if (source.size > limitBytes) {
      const message = `is ${source.size} bytes long, more than the ${limitBytes} allowed for such a file`;
      throw new TensorweldError("refused", [{ code: "io/read", file: path, message }]);
    }
    const bytes = new Uint8Array(source.size);
    await source.readInto(bytes, 0);
    return bytes;
  } finally {
    await source.close();
  }
}
