import { Worker } from "node:worker_threads";

import type { AdapterDescription } from "../kernels/webgpu/adapter.ts";
import { firstMessage } from "./node-first-message.ts";

/**
 * The GPUs of this machine, the one that merges take first; none when no driver is there for any.
 * @throws TensorweldError `gpu/package` when the package that brings GPUs to Node is not there.
 */
export async function listNodeDevices(): Promise<readonly AdapterDescription[]> {
  const worker = new Worker(new URL("./node-devices-worker.js", import.meta.url));
  try {
    return await firstMessage<readonly AdapterDescription[]>(worker);
  } finally {
    await worker.terminate();
  }
}
