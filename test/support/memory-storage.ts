import { TensorweldError } from "../../src/errors.ts";
import type { Storage } from "../../src/io/storage.ts";

/** A read-only file system without links that holds `files`, contents by absolute path with "/", and counts bytes read. */
export function memoryStorage(
  files: ReadonlyMap<string, Uint8Array>,
): Storage & { readonly bytesRead: () => number } {
  let bytesRead = 0;
  const inside = (folder: string): readonly string[] =>
    [...files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1));
  const readOnly = (): never => {
    throw new Error("this storage is read-only");
  };
  return {
    bytesRead: () => bytesRead,
    resolve: (path) => (path.startsWith("/") ? path : `/${path}`),
    join: (folder, name) => `${folder}/${name}`,
    nameOf: (path) => path.slice(path.lastIndexOf("/") + 1),
    parentOf: (path) => path.slice(0, path.lastIndexOf("/")),
    look(path) {
      const file = files.get(path);
      if (file !== undefined) return { kind: "file", size: file.length };
      return inside(path).length > 0 ? { kind: "folder", size: 0 } : undefined;
    },
    isLink: () => false,
    isMountPoint: () => false,
    realPath: (path) => path,
    list: (folder) => [...new Set(inside(folder).map((path) => path.split("/")[0]!))].toSorted(),
    open(path) {
      const file = files.get(path);
      if (file === undefined) {
        throw new TensorweldError("refused", [
          { code: "checkpoint/not-found", file: path, message: "is absent" },
        ]);
      }
      return {
        path,
        size: file.length,
        modified: 0,
        readInto(into, at) {
          bytesRead += into.length;
          into.set(file.subarray(at, at + into.length));
        },
        close: () => {},
      };
    },
    freeBytes: () => undefined,
    makeFolder: readOnly,
    takeLock: readOnly,
    createFile: readOnly,
    openSink: readOnly,
    writeText: readOnly,
    copyFile: readOnly,
    flush: readOnly,
    commitFolder: readOnly,
    remove: readOnly,
  };
}
