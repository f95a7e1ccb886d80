import type { Problem } from "../errors.ts";
import type { Storage } from "../io/storage.ts";

/** The problem that something is at the output's path already; an empty folder is nothing. */
export async function occupiedProblems(storage: Storage, path: string): Promise<readonly Problem[]> {
  const entry = await storage.look(path);
  if (entry === undefined) return [];
  if (entry.kind === "folder" && (await storage.list(path)).length === 0) return [];
  const what = entry.kind === "folder" ? "a folder with files in it" : "not a folder";
  const message = `exists already, and is ${what}`;
  const hint = "choose another folder, or remove this one";
  return [{ code: "output/exists", key: "output_path", file: path, message, hint }];
}

/** The problem that an output of `bytes` bytes does not fit on the disk. */
export async function diskProblems(
  storage: Storage,
  path: string,
  bytes: number,
): Promise<readonly Problem[]> {
  const free = await storage.freeBytes(path);
  if (free === undefined || free >= bytes) return [];
  const message = `has ${free} bytes of free disk space, and the output takes ${bytes}`;
  const hint = "free some space, or choose a folder on another disk";
  return [{ code: "plan/disk", key: "output_path", file: path, message, hint }];
}
