import { bytesOf } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import { BLOCK_ELEMENTS } from "../formula/reductions.ts";
import { PassesCache } from "../methods/formula.ts";
import type { Settings } from "../recipe/recipe.ts";
import {
  chunkElements,
  chunksAtOnce,
  kernelNeed,
  mainNeed,
  type Needs,
  needsOf,
  onePassElements,
  smallestNeed,
  workerNeed,
} from "./chunk.ts";
import { ALLOWANCE_BYTES, heldBytes, type Holding, workerShare } from "./memory.ts";
import type { Cost, Schedule, TensorTask } from "./plan.ts";
import type { UncutTask } from "./tasks.ts";

/** A tensor is kept by one worker through all passes while there are at least this many such tensors per worker. */
const TENSORS_PER_WORKER = 4;

export interface Scheduled {
  readonly tasks: readonly TensorTask[];
  readonly schedule: Schedule;
  readonly cost: Cost;
  /** Not empty when there is too little memory. */
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
}

/** How the work is cut up, and what it takes. */
export function scheduleOf(uncut: readonly UncutTask[], settings: Settings): Scheduled {
  const totalElements = uncut.reduce((sum, { elements }) => sum + elements, 0);
  const tensors = uncut.reduce((sum, { operands }) => sum + operands.length + 1, 0);
  const useful = Math.max(1, Math.min(chunksAtOnce(settings), Math.ceil(totalElements / BLOCK_ELEMENTS)));
  const cache = new PassesCache();
  const needs = uncut.map((task) => needsOf(task, cache));
  const smallest = largestOf(needs.map(smallestNeed));
  const mainBytes = largestOf(needs.map((need) => mainNeed(need, BLOCK_ELEMENTS)));
  const holding = (workers: number): Holding => ({ workers, tensors, mainBytes });
  const workers = workersWithin(settings.memoryBytes, useful, smallest, holding);
  const share = workerShare(settings.memoryBytes, holding(workers));
  const largestWhole = totalElements / (workers * TENSORS_PER_WORKER);
  const onePass = onePassElements(settings);
  const tasks = uncut.map((task, index) => ({
    ...task,
    chunkElements: chunkElements(needs[index]!, share, largestWhole, onePass),
  }));
  const largest = (need: (needs: Needs, chunk: number) => number): number =>
    largestOf(needs.map((needed, index) => need(needed, tasks[index]!.chunkElements)));
  const buffers = workers * largest(workerNeed);
  const mainBuffers = largest(mainNeed);
  const held = heldBytes({ ...holding(workers), mainBytes: mainBuffers });
  return {
    tasks,
    schedule: { ...settings, workers, workerBytes: largest(kernelNeed) },
    cost: {
      bytesRead: tasks.reduce((sum, task) => sum + bytesRead(task), 0),
      bytesWritten: tasks.reduce((sum, { target, elements }) => sum + bytesOf(target.dtype, elements), 0),
      bufferBytes: buffers + mainBuffers,
      peakBytes: ALLOWANCE_BYTES + held + buffers,
    },
    problems: share < smallest ? [tooLittleMemory(settings, heldBytes(holding(1)) + smallest)] : [],
    notices:
      share >= smallest && workers < Math.min(settings.workers, useful)
        ? [fewerWorkers(settings, workers)]
        : [],
  };
}

/** The most workers that can each hold `smallest` bytes of buffers; one where there is too little memory even for that. */
function workersWithin(
  budgetBytes: number,
  useful: number,
  smallest: number,
  holding: (workers: number) => Holding,
): number {
  let workers = useful;
  while (workers > 1 && workerShare(budgetBytes, holding(workers)) < smallest) workers--;
  return workers;
}

/** Bytes read for a tensor once; those read again for further passes are not counted, they come from memory. */
function bytesRead({ operands, elements }: UncutTask): number {
  return operands.reduce((sum, { dtype }) => sum + bytesOf(dtype, elements), 0);
}

function largestOf(numbers: readonly number[]): number {
  return numbers.reduce((largest, number) => Math.max(largest, number), 0);
}

function tooLittleMemory({ memoryBytes }: Settings, least: number): Problem {
  return {
    code: "plan/memory",
    key: "max_memory",
    message: `is ${memoryBytes} bytes, and the least that this merge works with is ${least}`,
    hint: "raise it",
  };
}

function fewerWorkers({ workers, memoryBytes }: Settings, used: number): string {
  return `${used} of ${workers} workers: max_memory, ${memoryBytes} bytes, is not enough for more`;
}
