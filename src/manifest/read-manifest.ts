import { readSmallFile, type Storage } from "../io/storage.ts";
import { decodeUtf8 } from "../formats/utf8.ts";
import { type Manifest, MANIFEST_NAME, parseManifest } from "./manifest.ts";

/** Bytes of a manifest that are read: one of a million tensors takes some 150 MB. */
const MAX_MANIFEST_BYTES = 250_000_000;

/** The manifest of the output in `folder`; undefined when there is none, or what is wrong with it. */
export async function readManifest(
  storage: Storage,
  folder: string,
): Promise<Manifest | { readonly fault: string } | undefined> {
  const path = storage.join(folder, MANIFEST_NAME);
  if ((await storage.look(path))?.kind !== "file") return undefined;
  const text = decodeUtf8(await readSmallFile(storage, path, MAX_MANIFEST_BYTES));
  return text === undefined ? { fault: "is not valid UTF-8" } : parseManifest(text);
}

/** Whether `folder` is the whole output of the plan with that hash. */
export async function isFinished(storage: Storage, folder: string, planHash: string): Promise<boolean> {
  if ((await storage.look(folder))?.kind !== "folder") return false;
  const manifest = await readManifest(storage, folder);
  return manifest !== undefined && !("fault" in manifest) && manifest.plan === planHash;
}
