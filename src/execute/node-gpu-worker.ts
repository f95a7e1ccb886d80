// Runs in a worker thread of Node that hosts all jobs of a GPU: waiting for a GPU keeps a thread's event loop busy, so
// it gets one of its own. Started by node-gpu-threads.ts.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";

import { nodeStorage } from "../io/node.ts";
import { requestDevice } from "../kernels/webgpu/adapter.ts";
import { gpuJobs, type GpuSetup } from "./gpu-jobs.ts";
import { type Answer, CLOSE, type Order, packFailure, type Told } from "./messages.ts";
import type { FirstMessage } from "./node-first-message.ts";
import { openGpu } from "./node-gpu.ts";

/** Works on what comes through `port`, on a device that is there. */
function serve(port: MessagePort, device: GPUDevice): string {
  const send = (message: Answer | Told): void => port.postMessage(message);
  const { threads, shared } = gpuJobs(nodeStorage, device, workerData as GpuSetup, (notice) =>
    send({ notice }),
  );
  port.on("message", (order: Order | typeof CLOSE) => {
    if (order === CLOSE) {
      port.close();
      device.destroy();
      return;
    }
    const { id, job, ticket } = order;
    threads[job]!.run(ticket).then(
      (result) => send({ id, result }),
      (error: unknown) => send({ id, failure: packFailure(error, ticket) }),
    );
  });
  return shared.name;
}

if (parentPort !== null) {
  const port = parentPort;
  const message: FirstMessage<string> = await openGpu()
    .then(requestDevice)
    .then(
      (device) => ({ found: serve(port, device) }),
      (error: unknown) => ({ failure: packFailure(error) }),
    );
  port.postMessage(message);
}
