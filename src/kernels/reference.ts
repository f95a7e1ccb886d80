import { arithmeticOf, type Arithmetic, bytesOf, type DType, type Precision } from "../dtype.ts";
import { leafOf, magnitudeBits, placeOf } from "../formula/magnitude-tree.ts";
import { ops } from "../formula/ops.ts";
import { uniform } from "../formula/random.ts";
import { BLOCK_ELEMENTS, foldLanes, REDUCTION_LANES, reductions } from "../formula/reductions.ts";
import type { Instruction, Structure } from "../formula/stage.ts";
import {
  type Backend,
  type Buffers,
  type KernelArguments,
  type Layout,
  type Partials,
  precisionOf,
  tallyCells,
} from "./backend.ts";
import { hashBlocks } from "./hashes/block-hasher.ts";
import { xxh64 } from "./hashes/xxh64.ts";

/** The backend that defines the answer: it interprets formulas element by element, slowly and obviously. */
export function createReferenceBackend(): Backend {
  let buffers: Buffers = { inputs: [], output: new Uint8Array(0) };
  let made = "";
  return {
    buffersFor(layout, elements) {
      const key = JSON.stringify([layout, elements]);
      if (key === made) return buffers;
      made = key;
      const make = (dtype: DType): Uint8Array => new Uint8Array(bytesOf(dtype, elements));
      buffers = { inputs: layout.inputs.map(make), output: make(layout.output) };
      return buffers;
    },
    compile: (structure, layout) => ({ run: (args) => interpret(structure, layout, buffers, args) }),
    hash: (bytes, blockBytes) => hashBlocks(bytes, blockBytes, xxh64),
  };
}

function interpret(structure: Structure, layout: Layout, buffers: Buffers, args: KernelArguments): Partials {
  const precision = precisionOf(layout);
  const inputs = layout.inputs.map((dtype, index) => elementsOf(buffers.inputs[index]!, dtype));
  const output = elementsOf(buffers.output, layout.output);
  const blocks = Math.ceil(args.elements / BLOCK_ELEMENTS);
  const partials = structure.reductions.map(() => new Float64Array(blocks));
  const tallies = structure.tallies.map((tally) => new Uint32Array(tallyCells(tally, args.trees).length));

  for (let block = 0; block < blocks; block++) {
    const lanes = structure.reductions.map(({ by }) =>
      Array.from({ length: REDUCTION_LANES }, () => reductions[by].identity),
    );
    const end = Math.min(args.elements, (block + 1) * BLOCK_ELEMENTS);
    for (let element = block * BLOCK_ELEMENTS; element < end; element++) {
      const values = valuesOf(structure, precision, inputs, args, element);
      structure.reductions.forEach(({ by, args: numbers }, index) => {
        const terms = numbers.map((number) => values[number]!);
        const { term, fold } = reductions[by];
        const lane = element % REDUCTION_LANES;
        lanes[index]![lane] = fold(lanes[index]![lane]!, term(...terms));
      });
      structure.tallies.forEach((tally, index) => {
        const { arg, widths, level, slot } = tally;
        const bits = magnitudeBits(values[arg]!, precision);
        const place = placeOf(slot === undefined ? undefined : args.trees[slot], widths, bits, level);
        if (place !== undefined) tallies[index]![place - tallyCells(tally, args.trees).first]!++;
      });
      if (structure.emit !== undefined) output.write(element, values[structure.emit]!);
    }
    structure.reductions.forEach(({ by }, index) => {
      partials[index]![block] = foldLanes(by, lanes[index]!);
    });
  }
  return { reductions: partials, tallies };
}

/** The values of all instructions for one element. */
function valuesOf(
  { instructions }: Structure,
  precision: Precision,
  inputs: readonly Elements[],
  args: KernelArguments,
  element: number,
): readonly number[] {
  const values: number[] = [];
  for (const instruction of instructions) {
    const exact = valueOf(instruction, precision, inputs, args, element, values);
    values.push(precision === "float32" ? Math.fround(exact) : exact);
  }
  return values;
}

function valueOf(
  instruction: Instruction,
  precision: Precision,
  inputs: readonly Elements[],
  { firstElement, scalars, trees, keys }: KernelArguments,
  element: number,
  values: readonly number[],
): number {
  switch (instruction.kind) {
    case "input":
      return inputs[instruction.index]!.read(element);
    case "scalar":
      return scalars[instruction.slot]!;
    case "random":
      return uniform(firstElement + element, keys[instruction.slot]!);
    case "lookup": {
      const { slot, widths, arg } = instruction;
      return leafOf(trees[slot]!, widths, magnitudeBits(values[arg]!, precision));
    }
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
