import { arithmeticOf, type Arithmetic, bytesOf, type DType } from "../dtype.ts";
import type { Instruction, Structure } from "../formula/lower.ts";
import { ops } from "../formula/ops.ts";
import { BLOCK_ELEMENTS, foldLanes, REDUCTION_LANES, reductions } from "../formula/reductions.ts";
import { type Backend, type Buffers, type Kernel, type Layout, precisionOf } from "./backend.ts";

/** The backend that defines the answer: it interprets formulas element by element, slowly and obviously. */
export function createReferenceBackend(): Backend {
  let buffers: Buffers = { inputs: [], output: new Uint8Array(0) };
  return {
    buffersFor(layout, elements) {
      const make = (dtype: DType): Uint8Array => new Uint8Array(bytesOf(dtype, elements));
      buffers = { inputs: layout.inputs.map(make), output: make(layout.output) };
      return buffers;
    },
    compile: (structure, layout) => ({
      run: (elements, scalars) => interpret(structure, layout, buffers, elements, scalars),
    }),
  };
}

function interpret(
  structure: Structure,
  layout: Layout,
  buffers: Buffers,
  elements: number,
  scalars: readonly number[],
): ReturnType<Kernel["run"]> {
  const round = precisionOf(layout) === "float32" ? Math.fround : (value: number) => value;
  const inputs = layout.inputs.map((dtype, index) => elementsOf(buffers.inputs[index]!, dtype));
  const output = elementsOf(buffers.output, layout.output);
  const blocks = Math.ceil(elements / BLOCK_ELEMENTS);
  const partials = structure.reductions.map(() => new Float64Array(blocks));

  for (let block = 0; block < blocks; block++) {
    const lanes = structure.reductions.map(() => Array.from({ length: REDUCTION_LANES }, () => 0));
    const end = Math.min(elements, (block + 1) * BLOCK_ELEMENTS);
    for (let element = block * BLOCK_ELEMENTS; element < end; element++) {
      const values: number[] = [];
      for (const instruction of structure.instructions) {
        values.push(round(valueOf(instruction, element, inputs, scalars, values)));
      }
      structure.reductions.forEach(({ by, args }, index) => {
        lanes[index]![element % REDUCTION_LANES]! += reductions[by].term(...args.map((arg) => values[arg]!));
      });
      if (structure.emit !== undefined) output.write(element, values[structure.emit]!);
    }
    lanes.forEach((sums, index) => (partials[index]![block] = foldLanes(sums)));
  }
  return partials;
}

function valueOf(
  instruction: Instruction,
  element: number,
  inputs: readonly Elements[],
  scalars: readonly number[],
  values: readonly number[],
): number {
  switch (instruction.kind) {
    case "input":
      return inputs[instruction.index]!.read(element);
    case "scalar":
      return scalars[instruction.slot]!;
    case "op":
      return ops[instruction.op].reference(...instruction.args.map((arg) => values[arg]!));
  }
}

interface Elements {
  read(element: number): number;
  write(element: number, value: number): void;
}

function elementsOf(bytes: Uint8Array, dtype: DType): Elements {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const arithmetic = mergeable(dtype);
  const width = bytesOf(dtype, 1);
  return {
    read: (element) => arithmetic.decode(view, element * width),
    write: (element, value) => arithmetic.encode(view, element * width, value),
  };
}

function mergeable(dtype: DType): Arithmetic {
  const arithmetic = arithmeticOf(dtype);
  if (arithmetic === undefined) throw new Error(`${dtype} is carried as bytes and can't be computed with`);
  return arithmetic;
}
