import { encodeHeader } from "../formats/safetensors/write.ts";
import type { Storage } from "../io/storage.ts";
import { createBlockHasher } from "../kernels/hashes/wasm.ts";
import { hashFile } from "../manifest/hash-source.ts";
import { type Manifest, MANIFEST_NAME, manifestText } from "../manifest/manifest.ts";
import type { Plan } from "../plan/plan.ts";
import type { Staging } from "./staging.ts";
import { reportDocument, type TensorReport } from "./tensor-report.ts";
import type { WrittenHashes } from "./written-hashes.ts";

/** What is known once all weights are written. */
export interface WrittenWeights {
  readonly reports: readonly TensorReport[];
  readonly hashes: WrittenHashes;
  /** Names of the devices that computed them: of GPUs, and `CPU`. */
  readonly devices: readonly string[];
}

/** Puts everything beside the shards into the staged folder and on the device; the manifest of all of it comes last. */
export async function finishFolder(
  plan: Plan,
  staging: Staging,
  written: WrittenWeights,
  storage: Storage,
): Promise<void> {
  const documents = plan.schedule.writeReport ? [reportDocument(written.reports)] : [];
  const paths = await staging.addCompanions(documents);
  const text = await manifestText(await manifestOf(plan, staging, paths, written, storage));
  const [manifest] = await staging.addDocuments([{ name: MANIFEST_NAME, text }]);
  for (const path of [...paths, manifest!]) await storage.flush(path);
}

async function manifestOf(
  plan: Plan,
  staging: Staging,
  paths: readonly string[],
  { reports, hashes, devices }: WrittenWeights,
  storage: Storage,
): Promise<Manifest> {
  const hasher = createBlockHasher();
  const nonFinite = new Map(reports.map((report) => [report.name, report.nonFiniteOutputs]));
  const files = await inOrder(paths, async (path) => [
    storage.nameOf(path),
    await hashFile(storage, path, hasher),
  ]);
  const shards = await inOrder(plan.shards, async ({ name, size, header }, index) => {
    const { hash } = await hashFile(storage, staging.shards[index]!, hasher, encodeHeader(header).length);
    return [name, { bytes: size, header: hash }];
  });
  const tensors = await inOrder(plan.tasks, async (task) => {
    const count = nonFinite.get(task.name);
    return [task.name, { hash: await hashes.hashOf(task), ...(count !== undefined && { nonFinite: count }) }];
  });
  return {
    version: 1,
    plan: plan.hash,
    ...(plan.recipe.device === "gpu" && { devices: [...devices] }),
    files: Object.fromEntries(files),
    shards: Object.fromEntries(shards),
    tensors: Object.fromEntries(tensors),
  };
}

/** What `map` gives for each item, one after the other. */
async function inOrder<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => Promise<readonly [string, R]>,
): Promise<readonly (readonly [string, R])[]> {
  const results: (readonly [string, R])[] = [];
  for (const [index, item] of items.entries()) results.push(await map(item, index));
  return results;
}
