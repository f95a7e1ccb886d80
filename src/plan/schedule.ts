import { bytesOf } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import { BLOCK_ELEMENTS } from "../formula/reductions.ts";
import type { Stage } from "../formula/stage.ts";
import type { Layout } from "../kernels/backend.ts";
import { bufferOffsets, scratchBytes } from "../kernels/buffers.ts";
import { PassesCache } from "../methods/formula.ts";
import { inputsOf } from "../methods/operands.ts";
import type { Settings } from "../recipe/recipe.ts";
import type { Cost, Operand, Schedule, TensorTask } from "./plan.ts";
import type { UncutTask } from "./tasks.ts";
import { updateBytes } from "./update-bytes.ts";

/**
 * Elements of a chunk that goes through one pass, when memory allows: 1 MiB of a 16-bit type. Smaller ones cost more
 * trips between threads and to the system, larger ones fall out of the processor's cache between reading, computing
 * and writing.
 */
const ONE_PASS_CHUNK_ELEMENTS = 8 * BLOCK_ELEMENTS;

/**
 * The same for a tensor that workers share pass by pass. Each chunk has its own tallies of 2 MiB to clear, fetch and
 * add up; this many elements make that little. A GPU, whose trips are longer, is given as many in any case.
 */
const SHARED_CHUNK_ELEMENTS = 64 * BLOCK_ELEMENTS;

/**
 * Chunks that go through a GPU at one time, each with its own buffers: while one computes, another is uploaded or read
 * back, and a third read from or written to files.
 */
const GPU_CHUNKS = 3;

/** A tensor is kept by one worker through all passes while there are at least this many such tensors per worker. */
const TENSORS_PER_WORKER = 4;

/** Resident bytes of Node itself and of each worker, without buffers; measured on Node 20 to 24, Linux x64. */
const RUNTIME_BYTES = 70_000_000;
const WORKER_BYTES = 20_000_000;

export interface Scheduled {
  readonly tasks: readonly TensorTask[];
  readonly schedule: Schedule;
  readonly cost: Cost;
  /** Not empty when there is too little memory. */
  readonly problems: readonly Problem[];
}

/** How the work is cut up, and what it takes. */
export function scheduleOf(uncut: readonly UncutTask[], settings: Settings): Scheduled {
  const totalElements = uncut.reduce((sum, { elements }) => sum + elements, 0);
  const wanted = settings.gpu === undefined ? settings.workers : Math.max(GPU_CHUNKS, settings.workers);
  const workers = Math.max(1, Math.min(wanted, Math.ceil(totalElements / BLOCK_ELEMENTS)));
  const workerBytes = Math.floor(settings.memoryBytes / workers);
  const largestWhole = totalElements / (workers * TENSORS_PER_WORKER);
  const onePass = settings.gpu === undefined ? ONE_PASS_CHUNK_ELEMENTS : SHARED_CHUNK_ELEMENTS;
  const cache = new PassesCache();
  const needs = uncut.map((task) => needsOf(task, cache));
  const tasks = uncut.map((task, index) => ({
    ...task,
    chunkElements: chunkElements(task.elements, needs[index]!, workerBytes, largestWhole, onePass),
  }));
  const capacities = tasks.map((task, index) =>
    capacity(needs[index]!, Math.min(task.elements, task.chunkElements)),
  );
  const largest = capacities.reduce((most, bytes) => Math.max(most, bytes), 0);
  const bufferBytes = workers * largest;
  return {
    tasks,
    schedule: { ...settings, workers, workerBytes: largest },
    cost: {
      bytesRead: tasks.reduce((sum, task) => sum + bytesRead(task), 0),
      bytesWritten: tasks.reduce((sum, { target, elements }) => sum + bytesOf(target.dtype, elements), 0),
      bufferBytes,
      peakBytes: RUNTIME_BYTES + workers * WORKER_BYTES + bufferBytes,
    },
    problems: largest > workerBytes ? [tooLittleMemory(settings, workers, bufferBytes)] : [],
  };
}

/** What decides how a tensor can be cut up. */
interface Needs {
  readonly layout: Layout;
  readonly operands: readonly Operand[];
  readonly stages: readonly Stage[];
}

function needsOf(task: UncutTask, cache: PassesCache): Needs {
  const { operands, target, combination, elements } = task;
  const layout = { inputs: inputsOf(operands).map(({ dtype }) => dtype), output: target.dtype };
  if (combination === undefined) return { layout, operands, stages: [] };
  return {
    layout,
    operands,
    stages: cache.passesOf(combination, { ...task, tensorElements: elements }).stages,
  };
}

/** The longest chunk that fits; with several passes, the whole tensor where that leaves enough for all workers. */
function chunkElements(
  elements: number,
  needs: Needs,
  workerBytes: number,
  largestWhole: number,
  onePass: number,
): number {
  const severalPasses = needs.stages.length > 1;
  const small = Math.max(largestWhole, ONE_PASS_CHUNK_ELEMENTS);
  if (severalPasses && elements <= small && capacity(needs, elements) <= workerBytes) {
    return Math.max(BLOCK_ELEMENTS, Math.ceil(elements / BLOCK_ELEMENTS) * BLOCK_ELEMENTS);
  }
  let chunk = severalPasses ? SHARED_CHUNK_ELEMENTS : onePass;
  while (chunk > BLOCK_ELEMENTS && capacity(needs, Math.min(elements, chunk)) > workerBytes)
    chunk -= BLOCK_ELEMENTS;
  return chunk;
}

/** Bytes that a worker needs for a chunk of that many elements. */
function capacity({ layout, operands, stages }: Needs, elements: number): number {
  const scratch = stages.reduce((most, { structure }) => Math.max(most, scratchBytes(structure)), 0);
  const updates = operands.reduce((sum, operand) => sum + updateBytes(operand, elements), 0);
  return bufferOffsets(layout, elements).endBytes + scratch + updates;
}

/** Bytes read for a tensor once; those read again for further passes are not counted, they come from memory. */
function bytesRead({ operands, elements }: UncutTask): number {
  return operands.reduce((sum, { dtype }) => sum + bytesOf(dtype, elements), 0);
}

function tooLittleMemory({ memoryBytes }: Settings, workers: number, needed: number): Problem {
  return {
    code: "plan/memory",
    key: "max_memory",
    message: `is ${memoryBytes} bytes, and the smallest buffers of ${workers} workers take ${needed}`,
    hint: "raise it, or lower --n_process",
  };
}
