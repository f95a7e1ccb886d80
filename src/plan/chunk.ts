import { hasRowScope } from "../formula/lower.ts";
import { BLOCK_ELEMENTS } from "../formula/reductions.ts";
import { rowElementsOf } from "../formula/row.ts";
import { type Layout, precisionOf } from "../kernels/backend.ts";
import { bufferOffsets, tallyBytes, treeBytes } from "../kernels/buffers.ts";
import { rowBuffers } from "../kernels/row-buffers.ts";
import type { PassesCache } from "../methods/formula.ts";
import { inputsOf } from "../methods/operands.ts";
import type { Settings } from "../recipe/recipe.ts";
import type { Operand } from "./plan.ts";
import type { UncutTask } from "./tasks.ts";
import { updateBytes } from "./update-bytes.ts";

/**
 * Elements of a chunk that goes through one pass, when memory allows: 1 MiB of a 16-bit type. Smaller ones cost more
 * trips between threads and to the system, larger ones fall out of the processor's cache between reading, computing
 * and writing.
 */
const ONE_PASS_CHUNK_ELEMENTS = 8 * BLOCK_ELEMENTS;

/**
 * The same for a tensor that workers share pass by pass. Each chunk has its own tallies of 2 MiB to clear, copy and
 * add up; this many elements make that little. A GPU, whose trips are longer, is given as many in any case.
 */
const SHARED_CHUNK_ELEMENTS = 64 * BLOCK_ELEMENTS;

/** Rows of a chunk that goes through a pass row by row, at least: those at its ends are computed twice when it cuts them. */
const CHUNK_ROWS = 8;
/**
 * Chunks that go through a GPU at one time, each with its own buffers: while one computes, another is uploaded or read
 * back, and a third read from or written to files.
 */
const GPU_CHUNKS = 3;

/** How often a worker holds what it counts of a shared tensor, beside its kernel's memory: once per ticket at hand. */
const SENT_COUNTS = 2;

/**
 * Bytes that a worker takes to compile kernels of several passes, which are long, and to hold their code: 5 to 12 MB were
 * measured on Node 20 to 24, Linux x64.
 */
const CODE_BYTES = 10_000_000;

/** Chunks that are worked on at one time when memory allows: one for each worker. */
export function chunksAtOnce({ gpu, workers }: Settings): number {
  return gpu === undefined ? workers : Math.max(GPU_CHUNKS, workers);
}

/** Elements of a chunk that goes through one pass, when memory allows. */
export function onePassElements({ gpu }: Settings): number {
  return gpu === undefined ? ONE_PASS_CHUNK_ELEMENTS : SHARED_CHUNK_ELEMENTS;
}

/** What decides how a tensor can be cut up. */
export interface Needs {
  readonly elements: number;
  readonly layout: Layout;
  readonly operands: readonly Operand[];
  readonly hasSeveralPasses: boolean;
  /** Bytes of the trees, of the tallies, and of both together in the pass that has the most of them. */
  readonly trees: number;
  readonly tallies: number;
  readonly tables: number;
  /** Elements of a row where some pass goes row by row, and the bytes that this takes. */
  readonly rowElements?: number;
  readonly rowBytes: number;
}

export function needsOf(task: UncutTask, cache: PassesCache): Needs {
  const { operands, target, combination, elements } = task;
  const layout = { inputs: inputsOf(operands).map(({ dtype }) => dtype), output: target.dtype };
  const lowered = combination && cache.passesOf(combination, { ...task, tensorElements: elements });
  const stages = lowered?.stages ?? [];
  const rowElements = lowered && hasRowScope(lowered) ? rowElementsOf(task.shape) : undefined;
  const rows = stages.map(({ structure, preludes }) =>
    preludes.length === 0 ? 0 : rowBuffers(structure, precisionOf(layout), rowElements ?? 0).endBytes,
  );
  const passes = stages.map(({ structure }) => ({
    trees: treeBytes(structure),
    tallies: tallyBytes(structure),
  }));
  return {
    elements,
    layout,
    operands,
    hasSeveralPasses: stages.length > 1,
    trees: Math.max(0, ...passes.map(({ trees }) => trees)),
    tallies: Math.max(0, ...passes.map(({ tallies }) => tallies)),
    tables: Math.max(0, ...passes.map(({ trees, tallies }) => trees + tallies)),
    ...(rowElements !== undefined && { rowElements }),
    rowBytes: Math.max(0, ...rows),
  };
}

/**
 * The longest chunk that fits into `workerBytes`, of `onePass` elements at most where there is one pass; with several, the
 * whole tensor where it fits and has no more than `largestWhole` elements.
 */
export function chunkElements(
  needs: Needs,
  workerBytes: number,
  largestWhole: number,
  onePass: number,
): number {
  const { elements, hasSeveralPasses, rowElements = 0 } = needs;
  const whole = wholeBlocks(elements);
  const isSmall = elements <= Math.max(largestWhole, ONE_PASS_CHUNK_ELEMENTS);
  if (hasSeveralPasses && isSmall && workerNeed(needs, whole) <= workerBytes) return whole;
  const wanted = hasSeveralPasses ? SHARED_CHUNK_ELEMENTS : onePass;
  let chunk = Math.max(wanted, wholeBlocks(CHUNK_ROWS * rowElements));
  while (chunk > BLOCK_ELEMENTS && workerNeed(needs, chunk) > workerBytes) chunk -= BLOCK_ELEMENTS;
  return chunk;
}

/** Bytes that a worker needs for the shortest chunks of a tensor. */
export function smallestNeed(needs: Needs): number {
  return workerNeed(needs, BLOCK_ELEMENTS);
}

/** Bytes that a worker needs for chunks of that many elements. */
export function workerNeed(needs: Needs, chunk: number): number {
  const { hasSeveralPasses, trees, tallies } = needs;
  const code = hasSeveralPasses ? CODE_BYTES : 0;
  return code + kernelNeed(needs, chunk) + (isShared(needs, chunk) ? SENT_COUNTS * tallies : trees);
}

/** Those of them that a pass runs in. */
export function kernelNeed(needs: Needs, chunk: number): number {
  const { elements, layout, operands, tables, rowElements = 1, rowBytes } = needs;
  // Of the rows that a chunk cuts, the parts outside it are read too.
  const atOnce = Math.min(elements, chunk + 2 * (rowElements - 1));
  const updates = operands.reduce((sum, operand) => sum + updateBytes(operand, atOnce), 0);
  return bufferOffsets(layout, atOnce).endBytes + tables + rowBytes + updates;
}

/** Bytes that the main thread needs for a tensor cut into such chunks: it adds up what workers count, and makes the trees. */
export function mainNeed(needs: Needs, chunk: number): number {
  return isShared(needs, chunk) ? needs.trees + needs.tallies : 0;
}

function wholeBlocks(elements: number): number {
  return Math.max(1, Math.ceil(elements / BLOCK_ELEMENTS)) * BLOCK_ELEMENTS;
}

function isShared({ elements, hasSeveralPasses }: Needs, chunk: number): boolean {
  return hasSeveralPasses && elements > chunk;
}
