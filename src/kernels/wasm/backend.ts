import { bytesOf } from "../../dtype.ts";
import { BLOCK_ELEMENTS } from "../../formula/reductions.ts";
import type { Structure } from "../../formula/stage.ts";
import {
  type Backend,
  type Kernel,
  type KernelArguments,
  type Layout,
  type Partials,
  precisionOf,
  tallyCells,
} from "../backend.ts";
import { type BufferOffsets, bufferOffsets } from "../buffers.ts";
import { createBlockHasher } from "../hashes/wasm.ts";
import { LANES_BYTES, partialOf } from "./accumulators.ts";
import { compileStructure, STEP_ELEMENTS } from "./compile.ts";
import { UNREAD_BYTES } from "./tree.ts";

const PAGE_BYTES = 65_536;

/** Where the lanes of reductions are stored. */
const FIRST_LANES = UNREAD_BYTES;

/** Room for the lanes of this many reductions. */
const MAX_REDUCTIONS = 63;
const FIRST_BUFFER = FIRST_LANES + MAX_REDUCTIONS * LANES_BYTES;

type Run = (...args: readonly number[]) => void;

/**
 * The backend that compiles formulas to WebAssembly SIMD, over one private memory: lanes of reductions, then buffers,
 * then the trees and tallies of the pass that is running.
 */
export function createWasmBackend(capacityBytes: number): Backend {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((FIRST_BUFFER + capacityBytes) / PAGE_BYTES) });
  const kernels = new Map<string, Promise<Kernel>>();
  const hasher = createBlockHasher(memory);
  let offsets: BufferOffsets = { inputs: [], output: 0, endBytes: 0 };

  return {
    buffersFor(layout, elements) {
      offsets = bufferOffsets(layout, elements);
      const view = (start: number, bytes: number): Uint8Array =>
        new Uint8Array(memory.buffer, FIRST_BUFFER + start, bytes);
      return {
        inputs: layout.inputs.map((dtype, index) => view(offsets.inputs[index]!, bytesOf(dtype, elements))),
        output: view(offsets.output, bytesOf(layout.output, elements)),
      };
    },
    compile(structure, layout) {
      const key = JSON.stringify([structure, layout]);
      let kernel = kernels.get(key);
      if (kernel === undefined) {
        kernel = instantiate(structure, layout, memory, () => offsets);
        kernels.set(key, kernel);
      }
      return kernel;
    },
    hash: (bytes, blockBytes) => hasher.hash(bytes, blockBytes),
  };
}

async function instantiate(
  structure: Structure,
  layout: Layout,
  memory: WebAssembly.Memory,
  currentOffsets: () => BufferOffsets,
): Promise<Kernel> {
  if (structure.reductions.length > MAX_REDUCTIONS) {
    throw new Error(`${structure.reductions.length} reductions in one pass, more than ${MAX_REDUCTIONS}`);
  }
  const module = await WebAssembly.compile(compileStructure(structure, layout));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const run = exports["run"] as Run;
  return {
    run(args) {
      const offsets = currentOffsets();
      const tables = placeTables(structure, memory, FIRST_BUFFER + offsets.endBytes, args);
      const reductions = runBlocks(run, structure, layout, memory, offsets, tables, args);
      return {
        reductions,
        tallies: tables.tallies.map(({ start, length }) => new Uint32Array(memory.buffer, start, length)),
      };
    },
  };
}

/** Where the trees and tallies of a pass lie. */
interface Tables {
  readonly trees: readonly number[];
  readonly tallies: readonly { readonly start: number; readonly length: number; readonly root: number }[];
}

/** Lays the trees behind the buffers and clears the tallies, with more memory where that takes it. */
function placeTables(
  { tallies }: Structure,
  memory: WebAssembly.Memory,
  firstByte: number,
  { trees }: KernelArguments,
): Tables {
  let next = firstByte;
  const take = (words: number): number => {
    const start = next;
    next += words * 4;
    return start;
  };
  const treeStarts = trees.map(({ cells }) => take(cells.length));
  const counts = tallies.map((tally) => {
    const { first, length } = tallyCells(tally, trees);
    const start = take(length);
    return { start, length, root: start - first * 4 };
  });
  const missing = next - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  trees.forEach(({ cells }, index) =>
    new Int32Array(memory.buffer, treeStarts[index], cells.length).set(cells),
  );
  for (const { start, length } of counts) new Uint32Array(memory.buffer, start, length).fill(0);
  return { trees: treeStarts, tallies: counts };
}

function runBlocks(
  run: Run,
  structure: Structure,
  layout: Layout,
  memory: WebAssembly.Memory,
  { inputs, output }: BufferOffsets,
  tables: Tables,
  { elements, firstElement, scalars, keys }: KernelArguments,
): Partials["reductions"] {
  const precision = precisionOf(layout);
  const blocks = Math.ceil(elements / BLOCK_ELEMENTS);
  const partials = structure.reductions.map(() => new Float64Array(blocks));
  const lanes = partials.map(
    (_, index) => new DataView(memory.buffer, FIRST_LANES + index * LANES_BYTES, LANES_BYTES),
  );
  for (let block = 0; block < blocks; block++) {
    const first = block * BLOCK_ELEMENTS;
    const count = Math.min(BLOCK_ELEMENTS, elements - first);
    const counter = (firstElement + first) / 4;
    const rest = count % STEP_ELEMENTS;
    run(
      ...inputs.map((start, index) => FIRST_BUFFER + start + bytesOf(layout.inputs[index]!, first)),
      FIRST_BUFFER + output + bytesOf(layout.output, first),
      FIRST_LANES,
      (count - rest) / STEP_ELEMENTS,
      rest,
      counter % 2 ** 32,
      Math.floor(counter / 2 ** 32),
      ...tables.trees,
      ...tables.tallies.map(({ root }) => root),
      ...keys.flat(),
      ...scalars,
    );
    structure.reductions.forEach(({ by }, index) => {
      partials[index]![block] = partialOf(by, precision, lanes[index]!);
    });
  }
  return partials;
}
