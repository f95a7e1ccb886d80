import type { Storage } from "./storage.ts";

/** Whether the path `inner` is `outer` or lies below it; both as `realPath` gives them. */
export function isWithin(storage: Storage, inner: string, outer: string): boolean {
  for (let at = inner; ; at = storage.parentOf(at)) {
    if (at === outer) return true;
    if (storage.parentOf(at) === at) return false;
  }
}

/**
 * Where the file at `path`, in the model's folder `folder`, leads to when that is no file of the model's own: a link in a
 * folder from a stranger can name any file of this machine. Undefined when it is the model's own: it lies in the folder,
 * or is a link of the Hugging Face Hub's cache. Throws what `realPath` throws.
 */
export async function strayTarget(
  storage: Storage,
  folder: string,
  path: string,
): Promise<string | undefined> {
  const [home, target] = [await storage.realPath(folder), await storage.realPath(path)];
  if (isWithin(storage, target, home)) return undefined;
  const blobs = cachedBlobs(storage, home);
  return blobs !== undefined && isWithin(storage, target, blobs) ? undefined : target;
}

/**
 * Where the cache keeps the files of a repository that has `folder` in one of its snapshots:
 * `models--ORG--NAME/snapshots/HASH/FILE` is a link to `models--ORG--NAME/blobs/…`.
 * Source: huggingface.co/docs/huggingface_hub/guides/manage-cache.
 */
function cachedBlobs(storage: Storage, folder: string): string | undefined {
  for (let at = folder; storage.parentOf(at) !== at; at = storage.parentOf(at)) {
    const repository = storage.parentOf(at);
    const isCache = storage.nameOf(at) === "snapshots" && storage.nameOf(repository).startsWith("models--");
    if (isCache) return storage.join(repository, "blobs");
  }
  return undefined;
}
