import { TensorweldError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";

/**
 * Returns when none of these is a link: a folder in which a merge works, what is in it, and what is in its folder `staged`;
 * none need be there. Tensorweld makes no links: somebody else put one there, and what is written through it ends up in
 * some other file of this machine.
 * @throws TensorweldError `output/link`.
 */
export async function refuseLinks(storage: Storage, folder: string, staged: string): Promise<void> {
  await refuseLink(storage, folder);
  await refuseLinksIn(storage, folder);
  await refuseLinksIn(storage, storage.join(folder, staged));
}

async function refuseLinksIn(storage: Storage, folder: string): Promise<void> {
  if ((await storage.look(folder))?.kind !== "folder") return;
  for (const name of await storage.list(folder)) await refuseLink(storage, storage.join(folder, name));
}

async function refuseLink(storage: Storage, file: string): Promise<void> {
  if (!(await storage.isLink(file))) return;
  const message = "is a link, and a merge works with none";
  const hint = "find out who made it, then delete it";
  throw new TensorweldError("refused", [{ code: "output/link", file, message, hint }]);
}
