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

/** The right to work in a folder, which nobody else has until it is released. */
export interface Lock {
  /** Never throws: what can't be deleted is void once the program has ended. */
  release(): Awaitable<void>;
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
  /** Whether `path` itself is a link, wherever that leads; false when nothing is there. */
  isLink(path: string): Awaitable<boolean>;
  /** The absolute path of what is at `path`, with no link in it. Throws `checkpoint/not-found` when nothing is. */
  realPath(path: string): Awaitable<string>;
  /** Whether another file system begins at `path`, so that nothing there can be renamed; false when nothing is. */
  isMountPoint(path: string): Awaitable<boolean>;
  /** Names of the entries of a folder, sorted by code unit. */
  list(folder: string): Awaitable<readonly string[]>;
  open(path: string): Awaitable<ByteSource>;

  /** Bytes that can still be written below the nearest existing folder of `path`; undefined when unknown. */
  freeBytes(path: string): Awaitable<number | undefined>;
  /** Makes a folder and its parents, those that are not there yet. */
  makeFolder(path: string): Awaitable<void>;
  /**
   * Takes the right to work in a folder, which is made when it is not there, and goes with the lock when nothing is left
   * in it. A lock whose program has ended is taken over. Throws `output/locked`.
   */
  takeLock(folder: string): Awaitable<Lock>;
  /** Makes a file of `sizeBytes` bytes, all zero. */
  createFile(path: string, sizeBytes: number): Awaitable<void>;
  openSink(path: string): Awaitable<ByteSink>;
  /** Writes a small file whole. */
  writeText(path: string, text: string): Awaitable<void>;
  copyFile(from: string, to: string): Awaitable<void>;
  /** Returns when all that was written to the file so far is on the device; after a failure none of it is to be relied on. */
  flush(path: string): Promise<void>;
  /**
   * Gives a finished folder its final name in one step. What had that name goes to `aside` just before, and comes back
   * when the step fails; without `aside`, throws `output/exists` when that name holds files.
   */
  commitFolder(staged: string, final: string, aside?: string): Promise<void>;
  /** Deletes a file, a folder with all it holds, or a link, and not what it leads to; nothing there is not an error. */
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
