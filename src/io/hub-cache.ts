import type { Storage } from "./storage.ts";
import { readSmallFile } from "./storage.ts";

// Source of the layout: huggingface.co/docs/huggingface_hub/guides/manage-cache.

/** Bytes of a file below `refs`: the 40 digits of a commit, and perhaps a line feed. */
const maxRefBytes = 64;

/** What the cache has of a model: the folder of a revision's files or, when it is not there, only where that would be. */
export interface CachedModel {
  /** `models--ORG--NAME/snapshots/COMMIT`; its files are links to blobs of the same repository. */
  readonly folder?: string;
  /** The path at which nothing was found, or the folder itself. */
  readonly searched: string;
}

/**
 * The folder of the Hugging Face cache, as the hub's own programs find it: HF_HUB_CACHE, else `hub` in HF_HOME, else in
 * the user's cache folder. An empty variable is none.
 */
export function hubCacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
  storage: Pick<Storage, "join">,
): string {
  const folderOf = (variable: string): string | undefined => {
    const value = environment[variable] ?? "";
    if (value === "") return undefined;
    return /^~(?=[/\\]|$)/.test(value) ? home + value.slice(1) : value;
  };
  const { join } = storage;
  const named = folderOf("HF_HUB_CACHE") ?? folderOf("HUGGINGFACE_HUB_CACHE");
  const caches = folderOf("XDG_CACHE_HOME") ?? join(home, ".cache");
  return named ?? join(folderOf("HF_HOME") ?? join(caches, "huggingface"), "hub");
}

/**
 * Looks for a model in a cache folder.
 * @param name `ORG/NAME`, or `NAME` alone. @param revision a branch, a tag or a whole commit.
 */
export async function findInHubCache(
  storage: Storage,
  cache: string,
  name: string,
  revision = "main",
): Promise<CachedModel> {
  const repository = storage.join(cache, `models--${name.replaceAll("/", "--")}`);
  const ref = storage.join(storage.join(repository, "refs"), revision);
  const commit = isCommit(revision) ? revision : await readRef(storage, ref, revision);
  if (commit === undefined) return { searched: ref };
  const folder = storage.join(storage.join(repository, "snapshots"), commit);
  const isThere = (await storage.look(folder))?.kind === "folder";
  return { searched: folder, ...(isThere && { folder }) };
}

/** The commit that a branch or tag stands for; undefined when the cache does not have it. */
async function readRef(storage: Storage, ref: string, revision: string): Promise<string | undefined> {
  // A revision is a path below `refs`, and must not lead out of it.
  const isSafe = /^[\w.-]+(\/[\w.-]+)*$/.test(revision) && !/(^|\/)\.\.?(\/|$)/.test(revision);
  if (!isSafe || (await storage.look(ref))?.kind !== "file") return undefined;
  const commit = new TextDecoder().decode(await readSmallFile(storage, ref, maxRefBytes)).trim();
  return isCommit(commit) ? commit : undefined;
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
