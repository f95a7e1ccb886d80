import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { type Problem, TensorweldError } from "../errors.ts";
import type { AdapterDescription } from "../kernels/webgpu/adapter.ts";

/** What a worker that looks for adapters finds, or what keeps it from looking. */
export type Found =
  | { readonly adapters: readonly AdapterDescription[] }
  | { readonly problems: readonly Problem[] };

/**
 * The GPUs of this machine, the one that merges take first; none when no driver is there for any.
 * @throws TensorweldError `gpu/package` when the package that brings GPUs to Node is not there.
 */
export async function listNodeDevices(): Promise<readonly AdapterDescription[]> {
  const worker = new Worker(new URL("./node-devices-worker.js", import.meta.url));
  const [found] = (await once(worker, "message")) as [Found];
  await worker.terminate();
  if ("adapters" in found) return found.adapters;
  throw new TensorweldError("refused", found.problems);
}
