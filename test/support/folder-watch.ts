import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";

/** Everything about what lies below a folder that a program could change, by path relative to it. */
export type Snapshot = ReadonlyMap<string, string>;

/**
 * What lies below `folder`: kinds, modes, owners, times, contents, and where links lead. Times of access are left out.
 * @param except paths relative to it that are left out with all below them, and whose entry in the folder they are in may
 *   come and go: of that folder the time of its last change is left out, too.
 */
export function snapshotOf(folder: string, except: readonly string[] = []): Snapshot {
  const snapshot = new Map<string, string>();
  const changing = new Set(except.map((path) => join(path, "..")));
  const visit = (path: string): void => {
    if (except.includes(path)) return;
    const place = join(folder, path);
    const stats = fs.lstatSync(place, { bigint: true });
    const { ino, mode, nlink, uid, gid, size, mtimeNs, ctimeNs } = stats;
    const facts = [ino, mode, uid, gid, ...(changing.has(path) ? [] : [nlink, size, mtimeNs, ctimeNs])];
    snapshot.set(path, [...facts, contentsOf(place, stats)].join(" "));
    if (stats.isDirectory()) for (const name of fs.readdirSync(place)) visit(join(path, name));
  };
  visit(".");
  return snapshot;
}

function contentsOf(place: string, stats: fs.BigIntStats): string {
  if (stats.isSymbolicLink()) return fs.readlinkSync(place);
  return stats.isFile() ? createHash("sha256").update(fs.readFileSync(place)).digest("hex") : "";
}
