import { bytesOf } from "../../dtype.ts";
import type { Prelude, Structure } from "../../formula/stage.ts";
import {
  type Backend,
  type Kernel,
  type KernelArguments,
  type Layout,
  type Partials,
  precisionOf,
} from "../backend.ts";
import { type BufferOffsets, bufferOffsets } from "../buffers.ts";
import { createBlockHasher } from "../hashes/wasm.ts";
import { runBlocks, runRows } from "../parts.ts";
import { rowBuffers } from "../row-buffers.ts";
import { FIRST_FREE_BYTE } from "./module.ts";
import { ModuleCache } from "./module-cache.ts";
import { randomLayout, randomStructure } from "./random-row.ts";
import { type RowModules, RowRun, type RunPlaces } from "./row-run.ts";
import { rankedStructure, rowStructure } from "./row-structure.ts";
import { placeTables } from "./tables.ts";

const PAGE_BYTES = 65_536;

/**
 * The backend that compiles formulas to WebAssembly SIMD, over one private memory: lanes of reductions, then buffers,
 * then what the pass that is running needs: rows made on the way, trees and tallies.
 */
export function createWasmBackend(capacityBytes: number): Backend {
  const memory = new WebAssembly.Memory({
    initial: Math.ceil((FIRST_FREE_BYTE + capacityBytes) / PAGE_BYTES),
  });
  const modules = new ModuleCache(memory);
  const hasher = createBlockHasher(memory);
  let offsets: BufferOffsets = { inputs: [], output: 0, endBytes: 0 };

  return {
    buffersFor(layout, elements) {
      offsets = bufferOffsets(layout, elements);
      const view = (start: number, bytes: number): Uint8Array =>
        new Uint8Array(memory.buffer, FIRST_FREE_BYTE + start, bytes);
      return {
        inputs: layout.inputs.map((dtype, index) => view(offsets.inputs[index]!, bytesOf(dtype, elements))),
        output: view(offsets.output, bytesOf(layout.output, elements)),
      };
    },
    compile(structure, layout, preludes = []) {
      const program = { structure, layout, memory, offsets: () => offsets };
      return preludes.length === 0 ? blockKernel(program, modules) : rowKernel(program, preludes, modules);
    },
    hash: (bytes, blockBytes) => hasher.hash(bytes, blockBytes),
  };
}

/** What a kernel is made for. */
interface Program {
  readonly structure: Structure;
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
  /** Where the buffers are now. */
  readonly offsets: () => BufferOffsets;
}

async function blockKernel(program: Program, modules: ModuleCache): Promise<Kernel> {
  const { structure, layout } = program;
  const module = await modules.moduleOf(structure, layout);
  return {
    run(args) {
      const places = placesOf(program, args, 0);
      const part = module.part({ ...places, keys: args.keys, firstElement: args.firstElement });
      return { reductions: runBlocks(structure, part, args), tallies: talliesOf(program, places) };
    },
  };
}

async function rowKernel(
  program: Program,
  preludes: readonly Prelude[],
  modules: ModuleCache,
): Promise<Kernel> {
  const { structure, layout } = program;
  const rowModules = await rowModulesOf(program, preludes, modules);
  return {
    run(args) {
      const { endBytes } = rowBuffers(structure, precisionOf(layout), args.rows!.rowElements);
      const places = placesOf(program, args, endBytes);
      const run = new RowRun(structure, preludes, layout, rowModules, places, args);
      return { reductions: runRows(structure, preludes, run, args), tallies: talliesOf(program, places) };
    },
  };
}

async function rowModulesOf(
  { structure, layout }: Program,
  preludes: readonly Prelude[],
  modules: ModuleCache,
): Promise<RowModules> {
  const main = rowStructure(structure, layout);
  const before = preludes.map(({ structure: one }) =>
    one.emit === undefined ? rowStructure(one, layout) : rankedStructure(one, layout),
  );
  return {
    preludes: await Promise.all(before.map((row) => modules.moduleOf(row.structure, row.layout))),
    main: await modules.moduleOf(main.structure, main.layout),
    random: await modules.moduleOf(randomStructure, randomLayout),
    ranker: await modules.rankerOf(precisionOf(layout)),
  };
}

/** Where a run's elements, `rowBytes` of rows made on the way, and tables lie; the tables are filled. */
function placesOf(
  { structure, layout, memory, offsets }: Program,
  args: KernelArguments,
  rowBytes: number,
): RunPlaces {
  const { inputs, output, endBytes } = offsets();
  return {
    memory,
    inputs: layout.inputs.map((dtype, index) => ({ start: FIRST_FREE_BYTE + inputs[index]!, dtype })),
    output: { start: FIRST_FREE_BYTE + output, dtype: layout.output },
    rows: FIRST_FREE_BYTE + endBytes,
    tables: placeTables(structure, memory, FIRST_FREE_BYTE + endBytes + rowBytes, args),
  };
}

function talliesOf({ memory }: Program, { tables }: RunPlaces): Partials["tallies"] {
  return tables.tallies.map(({ start, length }) => new Uint32Array(memory.buffer, start, length));
}
