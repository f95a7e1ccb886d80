import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** A part of a file: bytes as a string of Latin-1, or a hole of that many zeros, which takes no space on the disk. */
export type FilePart = string | number;

/** Writes a file of these parts, one after the other. */
export function writeSparseFile(file: string, parts: readonly FilePart[]): void {
  const handle = openSync(file, "w");
  let at = 0;
  for (const part of parts) {
    if (typeof part === "string") at += writeSync(handle, Buffer.from(part, "latin1"), 0, part.length, at);
    else at += part;
  }
  ftruncateSync(handle, at);
  closeSync(handle);
}

/** Bytes that parts take up. */
export function lengthOf(parts: readonly FilePart[]): number {
  return parts.reduce<number>((sum, part) => sum + (typeof part === "string" ? part.length : part), 0);
}
