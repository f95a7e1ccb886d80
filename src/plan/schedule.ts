import { bytesOf } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import { BLOCK_ELEMENTS } from "../formula/reductions.ts";
import { bufferOffsets } from "../kernels/buffers.ts";
import type { Settings } from "../recipe/recipe.ts";
import type { Cost, Schedule, TensorTask } from "./plan.ts";

/**
 * Elements of a chunk when memory allows: 1 MiB of a 16-bit type. Smaller ones cost more trips between threads and
 * to the system, larger ones fall out of the processor's cache between reading, computing and writing.
 */
const PREFERRED_CHUNK_ELEMENTS = 8 * BLOCK_ELEMENTS;

/** Resident bytes of Node itself and of each worker, without buffers; measured on Node 20 to 24, Linux x64. */
const RUNTIME_BYTES = 70_000_000;
const WORKER_BYTES = 20_000_000;

export interface Scheduled {
  readonly schedule: Schedule;
  readonly cost: Cost;
  /** Not empty when there is too little memory. */
  readonly problems: readonly Problem[];
}

/** How the work is cut up, and what it takes. */
export function scheduleOf(tasks: readonly TensorTask[], settings: Settings): Scheduled {
  const workers = Math.max(1, Math.min(settings.workers, chunksOf(tasks, PREFERRED_CHUNK_ELEMENTS)));
  const largest = tasks.reduce((most, { elements }) => Math.max(most, elements), 1);
  let chunkElements = PREFERRED_CHUNK_ELEMENTS;
  while (chunkElements > BLOCK_ELEMENTS && workers * capacity(tasks, chunkElements) > settings.memoryBytes) {
    chunkElements -= BLOCK_ELEMENTS;
  }
  const bufferBytes = workers * capacity(tasks, Math.min(chunkElements, largest));
  return {
    schedule: { ...settings, workers, chunkElements },
    cost: {
      bytesRead: sum(tasks.map((task) => bytesRead(task))),
      bytesWritten: sum(tasks.map(({ target, elements }) => bytesOf(target.dtype, elements))),
      bufferBytes,
      peakBytes: RUNTIME_BYTES + workers * WORKER_BYTES + bufferBytes,
    },
    problems: bufferBytes > settings.memoryBytes ? [tooLittleMemory(settings, workers, bufferBytes)] : [],
  };
}

/** Bytes of buffers that one worker needs for chunks of that many elements. */
function capacity(tasks: readonly TensorTask[], chunkElements: number): number {
  let most = 0;
  for (const { base, models, target, elements } of tasks) {
    const operands = base === undefined ? models : [base, ...models];
    const layout = { inputs: operands.map(({ dtype }) => dtype), output: target.dtype };
    most = Math.max(most, bufferOffsets(layout, Math.min(elements, chunkElements)).endBytes);
  }
  return most;
}

function chunksOf(tasks: readonly TensorTask[], chunkElements: number): number {
  return Math.ceil(sum(tasks.map(({ elements }) => elements)) / chunkElements);
}

function bytesRead({ base, models, elements }: TensorTask): number {
  const operands = base === undefined ? models : [base, ...models];
  return sum(operands.map(({ dtype }) => bytesOf(dtype, elements)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function tooLittleMemory({ memoryBytes }: Settings, workers: number, needed: number): Problem {
  return {
    code: "plan/memory",
    key: "max_memory",
    message: `is ${memoryBytes} bytes, and the smallest buffers of ${workers} workers take ${needed}`,
    hint: "raise it, or lower --n_process",
  };
}
