import { precisionFor } from "../dtype.ts";
import { isTensorweldError } from "../errors.ts";
import { inputsOf } from "../methods/operands.ts";
import type { Plan } from "../plan/plan.ts";
import type { Platform } from "./execute.ts";
import type { JobSetup } from "./job.ts";
import type { Thread } from "./thread.ts";

/**
 * The threads that carry out a plan: on the GPU when it asks for one, else one for each worker.
 * @param tell is given what users should hear about the way the work is done.
 */
export function startThreads(
  { schedule, tasks }: Plan,
  setup: JobSetup,
  { startThread, startGpuThreads }: Platform,
  tell: (notice: string) => void,
): readonly Thread[] {
  const { gpu, workers } = schedule;
  const start = (): Thread => startThread(setup);
  if (gpu === undefined || startGpuThreads === undefined) return Array.from({ length: workers }, start);
  for (const notice of doublesNotice(tasks)) tell(notice);
  const bound = gpu.memoryBytes === undefined ? {} : { memoryBytes: gpu.memoryBytes };
  const threads = startGpuThreads({ ...setup, ...bound, jobs: workers }, tell);
  if (!gpu.fallback) return threads;
  let told = false;
  const tellOnce = (reason: string): void => {
    if (!told) tell(`The CPU was used from some point on: ${reason}.`);
    told = true;
  };
  return threads.map((thread) => withFallback(thread, start, tellOnce));
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

function isGpuFailure(error: unknown): error is Error & { problems: readonly { message: string }[] } {
  return isTensorweldError(error) && error.problems.every(({ code }) => code.startsWith("gpu/"));
}

function doublesNotice(tasks: Plan["tasks"]): readonly string[] {
  const doubles = tasks.filter(({ combination, operands, target }) => {
    const dtypes = [...inputsOf(operands), target].map(({ dtype }) => dtype);
    return combination !== undefined && precisionFor(dtypes) === "float64";
  });
  if (doubles.length === 0) return [];
  return [`${doubles.length} of ${tasks.length} tensors were computed on the CPU: GPUs have no F64.`];
}
