import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { CLOSE } from "./messages.ts";
import { firstMessage } from "./node-first-message.ts";
import { senderTo } from "./node-threads.ts";
import type { StartGpuThreads } from "./thread.ts";

/** Milliseconds that a worker has to give its device back before it is ended. */
const CLOSING_MS = 3000;

/** Starts one worker thread of Node with a GPU, and gives a thread for each of its jobs. */
export const startNodeGpuThreads: StartGpuThreads = async (setup, tell) => {
  const worker = new Worker(new URL("./node-gpu-worker.js", import.meta.url), { workerData: setup });
  let gpu: string;
  try {
    gpu = await firstMessage<string>(worker);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  const send = senderTo(worker, tell);
  let closing: Promise<void> | undefined;
  const threads = Array.from({ length: setup.jobs }, (_, job) => ({
    run: (ticket: Parameters<typeof send>[0]) => send(ticket, job),
    close: () => (closing ??= end(worker)),
  }));
  return { gpu, threads };
};

/** Ends a worker by its own doing: a device that is working when its thread is ended can take the process with it. */
async function end(worker: Worker): Promise<void> {
  const exit = once(worker, "exit");
  worker.postMessage(CLOSE);
  const timer = setTimeout(() => void worker.terminate(), CLOSING_MS);
  await exit;
  clearTimeout(timer);
}
