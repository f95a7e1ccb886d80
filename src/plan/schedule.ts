import { bytesOf } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import { hasRowScope } from "../formula/lower.ts";
import { BLOCK_ELEMENTS } from "../formula/reductions.ts";
import { rowElementsOf } from "../formula/row.ts";
import type { Stage } from "../formula/stage.ts";
import { type Layout, precisionOf } from "../kernels/backend.ts";
import { bufferOffsets, scratchBytes } from "../kernels/buffers.ts";
import { rowBuffers } from "../kernels/row-buffers.ts";
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
 * add up; this many elements make that little.
 */
const SHARED_CHUNK_ELEMENTS = 64 * BLOCK_ELEMENTS;

/** Rows of a chunk that goes through a pass row by row, at least: those at its ends are computed twice when it cuts them. */
const CHUNK_ROWS = 8;

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
  const workers = Math.max(1, Math.min(settings.workers, Math.ceil(totalElements / BLOCK_ELEMENTS)));
  const workerBytes = Math.floor(settings.memoryBytes / workers);
  const largestWhole = totalElements / (workers * TENSORS_PER_WORKER);
  const cache = new PassesCache();
  const needs = uncut.map((task) => needsOf(task, cache));
  const tasks = uncut.map((task, index) => ({
    ...task,
    chunkElements: chunkElements(task.elements, needs[index]!, workerBytes, largestWhole),
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
  /** Of the whole tensor. */
  readonly elements: number;
  /** Elements of a row, when some pass goes row by row. */
  readonly rowElements?: number;
}

function needsOf(task: UncutTask, cache: PassesCache): Needs {
  const { operands, target, combination, elements } = task;
  const layout = { inputs: inputsOf(operands).map(({ dtype }) => dtype), output: target.dtype };
  if (combination === undefined) return { layout, operands, elements, stages: [] };
  const passes = cache.passesOf(combination, { ...task, tensorElements: elements });
  return {
    layout,
    operands,
    elements,
    stages: passes.stages,
    ...(hasRowScope(passes) && { rowElements: rowElementsOf(task.shape) }),
  };
}

/** The longest chunk that fits; with several passes, the whole tensor where that leaves enough for all workers. */
function chunkElements(elements: number, needs: Needs, workerBytes: number, largestWhole: number): number {
  const severalPasses = needs.stages.length > 1;
  const small = Math.max(largestWhole, ONE_PASS_CHUNK_ELEMENTS);
  if (severalPasses && elements <= small && capacity(needs, elements) <= workerBytes) {
    return Math.max(BLOCK_ELEMENTS, wholeBlocks(elements));
  }
  const wanted = severalPasses ? SHARED_CHUNK_ELEMENTS : ONE_PASS_CHUNK_ELEMENTS;
  let chunk = Math.max(wanted, wholeBlocks(CHUNK_ROWS * (needs.rowElements ?? 0)));
  while (chunk > BLOCK_ELEMENTS && capacity(needs, Math.min(elements, chunk)) > workerBytes)
    chunk -= BLOCK_ELEMENTS;
  return chunk;
}

/** Bytes that a worker needs for a chunk of that many elements, and for the rows that it cuts. */
function capacity(
  { layout, operands, stages, elements: all, rowElements = 1 }: Needs,
  elements: number,
): number {
  const most = Math.min(all, elements + 2 * (rowElements - 1));
  const scratch = stages.map(
    ({ structure, preludes }) =>
      scratchBytes(structure) +
      (preludes.length > 0 ? rowBuffers(structure, precisionOf(layout), rowElements).endBytes : 0),
  );
  const updates = operands.reduce((sum, operand) => sum + updateBytes(operand, most), 0);
  return bufferOffsets(layout, most).endBytes + Math.max(0, ...scratch) + updates;
}

function wholeBlocks(elements: number): number {
  return Math.ceil(elements / BLOCK_ELEMENTS) * BLOCK_ELEMENTS;
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
