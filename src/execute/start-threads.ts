import { isTensorweldError, type TensorweldError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { Platform } from "./execute.ts";
import { gpuNotices } from "./gpu-notices.ts";
import type { JobSetup } from "./job.ts";
import type { GpuThreads, Thread } from "./thread.ts";

/** The threads that carry out a plan. */
export interface Crew {
  /** Name of the GPU that they work on; absent: they work on the CPU. */
  readonly gpu?: string;
  readonly threads: readonly Thread[];
}

/**
 * The threads that carry out a plan: on the GPU when it asks for one, else one for each worker.
 * @param tell is given what users should hear about the way the work is done.
 * @throws TensorweldError `gpu/package` or `gpu/adapter` when there is no GPU, and no fallback.
 */
export async function startThreads(
  plan: Plan,
  setup: JobSetup,
  { startThread, startGpuThreads }: Platform,
  tell: (notice: string) => void,
): Promise<Crew> {
  const { gpu, workers } = plan.schedule;
  const start = (): Thread => startThread(setup);
  const onCpu = (): Crew => ({ threads: Array.from({ length: workers }, start) });
  if (gpu === undefined || startGpuThreads === undefined) return onCpu();
  const bound = gpu.memoryBytes === undefined ? {} : { memoryBytes: gpu.memoryBytes };
  let found: GpuThreads;
  try {
    found = await startGpuThreads({ ...setup, ...bound, jobs: workers }, tell);
  } catch (error) {
    if (!gpu.fallback || !isGpuFailure(error)) throw error;
    tell(`The CPU was used: ${error.problems[0]!.message}.`);
    return onCpu();
  }
  for (const notice of gpuNotices(plan)) tell(notice);
  const threads = found.threads.map((thread) => signed(thread, found.gpu));
  if (!gpu.fallback) return { gpu: found.gpu, threads };
  let told = false;
  const tellOnce = (reason: string): void => {
    if (!told) tell(`The CPU was used from some point on: ${reason}.`);
    told = true;
  };
  return { gpu: found.gpu, threads: threads.map((thread) => withFallback(thread, start, tellOnce)) };
}

/** A thread whose results say which GPU they come from. */
function signed(thread: Thread, gpu: string): Thread {
  return {
    run: async (ticket) => (await thread.run(ticket)).map((result) => ({ ...result, gpu })),
    close: () => thread.close(),
  };
}

/** A thread that hands its tickets to another one as soon as the GPU fails at one of them. */
function withFallback(onGpu: Thread, start: () => Thread, tell: (reason: string) => void): Thread {
  let other: Thread | undefined;
  return {
    async run(ticket) {
      if (other !== undefined) return other.run(ticket);
      try {
        return await onGpu.run(ticket);
      } catch (error) {
        if (!isGpuFailure(error)) throw error;
        tell(error.problems[0]!.message);
        // Whatever the GPU has written of the ticket is written again.
        other ??= start();
        return other.run(ticket);
      }
    },
    async close() {
      await Promise.all([onGpu.close(), other?.close()]);
    },
  };
}

function isGpuFailure(error: unknown): error is TensorweldError {
  return isTensorweldError(error) && error.problems.every(({ code }) => code.startsWith("gpu/"));
}
