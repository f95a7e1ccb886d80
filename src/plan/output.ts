import type { Problem } from "../errors.ts";
import { isWeightFile } from "../formats/weight-files.ts";
import type { Storage } from "../io/storage.ts";
import type { Settings } from "../recipe/recipe.ts";

/**
 * The problem that something is at the output's path already. An empty folder is nothing, and a model is none when it
 * may be overwritten. A link is always one: what is at its end is not this output's to fill or to replace;
 * and so is the place of a mounted disk, whose name nothing else can get.
 */
export async function occupiedProblems(
  storage: Storage,
  { outputPath: path, overwrite }: Settings,
): Promise<readonly Problem[]> {
  if (await storage.isLink(path)) return [isLink(path)];
  if (await storage.isMountPoint(path)) return [isMountPoint(path)];
  const entry = await storage.look(path);
  if (entry === undefined) return [];
  const names = entry.kind === "folder" ? await storage.list(path) : [];
  if (entry.kind === "folder" && names.length === 0) return [];
  const what = entry.kind === "folder" ? "a folder with files in it" : "not a folder";
  const place = { key: "output_path", file: path } as const;
  if (!overwrite) {
    const message = `exists already, and is ${what}`;
    const hint = "choose another folder, or add --overwrite to replace it";
    return [{ code: "output/exists", ...place, message, hint }];
  }
  if (names.some(isWeightFile)) return [];
  // A slip of the path must not cost a folder of something else.
  const message = `exists already, and holds no model (${what})`;
  const hint = "only models are overwritten: choose another folder, or remove this one yourself";
  return [{ code: "output/not-a-model", ...place, message, hint }];
}

function isLink(file: string): Problem {
  const message = "is a link, and an output is written to no place but the one it is named";
  const hint = "name the folder that the link leads to, or another one";
  return { code: "output/link", key: "output_path", file, message, hint };
}

function isMountPoint(file: string): Problem {
  const message =
    "is where a disk is mounted, and an output gets its name by renaming, which such a folder does not allow";
  const hint = "name a folder inside it";
  return { code: "output/mount-point", key: "output_path", file, message, hint };
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
