// Runs in a worker thread of Node that hosts all jobs of a GPU: waiting for a GPU keeps a thread's event loop busy, so
// it gets one of its own. Started by node-gpu-threads.ts.
import { parentPort, workerData } from "node:worker_threads";

import { nodeStorage } from "../io/node.ts";
import { requestDevice } from "../kernels/webgpu/adapter.ts";
import { gpuJobs, type GpuSetup } from "./gpu-jobs.ts";
import type { Job } from "./job.ts";
import { type Answer, CLOSE, type Order, packFailure, type Told } from "./messages.ts";
import { openGpu } from "./node-gpu.ts";

const send = (message: Answer | Told): void => parentPort?.postMessage(message);

const device = openGpu().then(requestDevice);
const jobs: Promise<readonly Job[]> = device.then(
  (device) => gpuJobs(nodeStorage, device, workerData as GpuSetup, (notice) => send({ notice })).jobs,
);

// Each ticket is told why there is none; until the first one comes, nobody else has to be.
jobs.catch(() => {});

async function close(): Promise<void> {
  parentPort?.close();
  (await device).destroy();
}

parentPort?.on("message", (order: Order | typeof CLOSE) => {
  // Without a device there is nothing to close; each ticket was told why.
  if (order === CLOSE) return void close().catch(() => {});
  const { id, job, ticket } = order;
  jobs
    .then((jobs) => jobs[job]!.run(ticket))
    .then(
      (result) => send({ id, result }),
      (error: unknown) => send({ id, failure: packFailure(error, ticket) }),
    );
});
