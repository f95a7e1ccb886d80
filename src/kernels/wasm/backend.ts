import { bytesOf } from "../../dtype.ts";
import type { Structure } from "../../formula/lower.ts";
import { BLOCK_ELEMENTS, foldLanes, REDUCTION_LANES } from "../../formula/reductions.ts";
import type { Backend, Kernel, Layout } from "../backend.ts";
import { type BufferOffsets, bufferOffsets } from "../buffers.ts";
import { compileStructure, STEP_ELEMENTS } from "./compile.ts";

const PAGE_BYTES = 65_536;

/** Room for the lanes of this many reductions at the start of the memory. */
const MAX_REDUCTIONS = 64;
const LANES_BYTES = MAX_REDUCTIONS * REDUCTION_LANES * 8;

type Run = (...args: readonly number[]) => void;

/** The backend that compiles formulas to WebAssembly SIMD, over one private memory that never grows. */
export function createWasmBackend(capacityBytes: number): Backend {
  const pages = Math.ceil((LANES_BYTES + capacityBytes) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const kernels = new Map<string, Promise<Kernel>>();
  let offsets: BufferOffsets = { inputs: [], output: 0, endBytes: 0 };

  return {
    buffersFor(layout, elements) {
      offsets = bufferOffsets(layout, elements);
      const view = (start: number, bytes: number): Uint8Array =>
        new Uint8Array(memory.buffer, LANES_BYTES + start, bytes);
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
  const lanes = new Float64Array(memory.buffer, 0, structure.reductions.length * REDUCTION_LANES);

  return {
    run(elements, scalars) {
      const { inputs, output } = currentOffsets();
      const blocks = Math.ceil(elements / BLOCK_ELEMENTS);
      const partials = structure.reductions.map(() => new Float64Array(blocks));
      for (let block = 0; block < blocks; block++) {
        const first = block * BLOCK_ELEMENTS;
        const count = Math.min(BLOCK_ELEMENTS, elements - first);
        const rest = count % STEP_ELEMENTS;
        run(
          ...inputs.map((start, index) => LANES_BYTES + start + bytesOf(layout.inputs[index]!, first)),
          LANES_BYTES + output + bytesOf(layout.output, first),
          0,
          (count - rest) / STEP_ELEMENTS,
          rest,
          ...scalars,
        );
        partials.forEach((sums, index) => {
          const start = index * REDUCTION_LANES;
          sums[block] = foldLanes([...lanes.subarray(start, start + REDUCTION_LANES)]);
        });
      }
      return partials;
    },
  };
}
