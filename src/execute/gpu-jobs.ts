import type { Storage } from "../io/storage.ts";
import { createWebgpuBackend } from "../kernels/webgpu/backend.ts";
import { ComputeDevice } from "../kernels/webgpu/compute-device.ts";
import { Job, type JobSetup } from "./job.ts";
import type { StartGpuThreads, Thread } from "./thread.ts";
import type { Ticket } from "./ticket.ts";

/** What a GPU's jobs must know before their first ticket. */
export interface GpuSetup extends JobSetup {
  /** How many jobs work on the device side by side. */
  readonly jobs: number;
  /** Bytes that all of them together may hold on the device; absent: as many as it has. */
  readonly memoryBytes?: number;
}

/**
 * Jobs that share a device, each with its own buffers: while one computes, others read, write, upload or read back.
 * @param tell is given what users should hear about the way the work is done.
 */
export function gpuJobs(
  storage: Storage,
  device: GPUDevice,
  setup: GpuSetup,
  tell: (notice: string) => void,
): { readonly threads: readonly Thread[]; readonly shared: ComputeDevice } {
  const { memoryBytes } = setup;
  const bound = memoryBytes === undefined ? {} : { memoryBytes };
  const shared = new ComputeDevice(device, { ...bound, keepsInputs: memoryBytes === undefined });
  const share = memoryBytes === undefined ? {} : { shareBytes: Math.floor(memoryBytes / setup.jobs) };
  let told = false;
  const onTooLarge = (): void => {
    if (!told) tell(TOO_LARGE);
    told = true;
  };
  const createBackend = (capacityBytes: number): ReturnType<typeof createWebgpuBackend> =>
    createWebgpuBackend(shared, capacityBytes, { ...share, onTooLarge });
  const jobs = Array.from({ length: setup.jobs }, () => new Job(storage, setup, createBackend));
  let open = jobs.length;
  const close = async (job: Job): Promise<void> => {
    await job.close();
    // The device may not be this merge's alone: what is on it goes with the last job.
    if (--open === 0) shared.memory.releaseAll();
  };
  const threads = jobs.map((job) => ({ run: (ticket: Ticket) => job.run(ticket), close: () => close(job) }));
  return { shared, threads };
}

const TOO_LARGE =
  "Some passes were computed on the CPU: not even a small piece of them fits the GPU's share of memory.";

/** "Threads" that work where they are called, on a device that is there: in a browser, and for tests. */
export function startInlineGpu(storage: Storage, device: GPUDevice): StartGpuThreads {
  return async (setup, tell) => {
    const { threads, shared } = gpuJobs(storage, device, setup, tell);
    return { gpu: shared.name, threads };
  };
}
