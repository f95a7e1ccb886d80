import { homedir } from "node:os";
import { type CachedModel, findInHubCache, hubCacheFolder } from "./hub-cache.ts";
import { nodeStorage } from "./node.ts";

/** What this machine's Hugging Face cache has of a model. */
export async function findOnThisMachine(name: string, revision?: string): Promise<CachedModel> {
  const folder = hubCacheFolder(process.env, homedir(), nodeStorage);
  return findInHubCache(nodeStorage, nodeStorage.resolve(folder), name, revision);
}
