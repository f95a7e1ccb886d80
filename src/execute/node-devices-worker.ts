// Runs in a worker thread of Node: says which GPUs there are. Started by node-devices.ts.
import { parentPort } from "node:worker_threads";

import { type AdapterDescription, describeAdapters } from "../kernels/webgpu/adapter.ts";
import { packFailure } from "./messages.ts";
import type { FirstMessage } from "./node-first-message.ts";
import { openGpu } from "./node-gpu.ts";

const message: FirstMessage<readonly AdapterDescription[]> = await openGpu()
  .then(describeAdapters)
  .then(
    (found) => ({ found }),
    (error: unknown) => ({ failure: packFailure(error) }),
  );
parentPort?.postMessage(message);
