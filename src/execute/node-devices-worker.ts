// Runs in a worker thread of Node: says which GPUs there are. Started by node-devices.ts.
import { parentPort } from "node:worker_threads";

import { type AdapterDescription, describeAdapters } from "../kernels/webgpu/adapter.ts";
import { packFailure } from "./messages.ts";
import type { FirstMessage } from "./node-first-message.ts";
import { openGpu, openGpuBackends } from "./node-gpu.ts";

async function look(): Promise<FirstMessage<readonly AdapterDescription[]>> {
  try {
    return { found: await describeAdapters(await openGpu(), await openGpuBackends()) };
  } catch (error) {
    return { failure: packFailure(error) };
  }
}

parentPort?.postMessage(await look());
