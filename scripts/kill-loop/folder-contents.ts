import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The bytes of a folder's files by name. */
export type FolderContents = ReadonlyMap<string, Buffer>;

/** What is in a folder of files; undefined when there is no such folder. */
export function contentsOf(folder: string): FolderContents | undefined {
  if (!existsSync(folder)) return undefined;
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Whether both hold the same files with the same bytes, or neither is there. */
export function areSame(one: FolderContents | undefined, other: FolderContents | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const isIn = ([name, bytes]: readonly [string, Buffer]): boolean => other.get(name)?.equals(bytes) === true;
  return one.size === other.size && [...one].every(isIn);
}

/** Makes a folder with these files, in place of what is there. */
export function writeContents(folder: string, contents: FolderContents): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of contents) writeFileSync(join(folder, name), bytes);
}
