// Runs in a worker thread of Node: says which GPUs there are. Started by node-devices.ts.
import { parentPort } from "node:worker_threads";

import { isTensorweldError } from "../errors.ts";
import { describeAdapters } from "../kernels/webgpu/adapter.ts";
import type { Found } from "./node-devices.ts";
import { openGpu } from "./node-gpu.ts";

async function look(): Promise<Found> {
  try {
    return { adapters: await describeAdapters(await openGpu()) };
  } catch (error) {
    if (isTensorweldError(error)) return { problems: error.problems };
    throw error;
  }
}

parentPort?.postMessage(await look());
