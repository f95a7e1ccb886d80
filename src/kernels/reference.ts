import { arithmeticOf, type Arithmetic, bytesOf, type DType, type Precision } from "../dtype.ts";
import { leafOf, magnitudeBits, placeOf } from "../formula/magnitude-tree.ts";
import { ops } from "../formula/ops.ts";
import { uniform } from "../formula/random.ts";
import { foldLanes, REDUCTION_LANES, reductions } from "../formula/reductions.ts";
import type { Instruction, Prelude, Structure } from "../formula/stage.ts";
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
import { type Part, runBlocks, runRows } from "./parts.ts";
import { rowRanks } from "./row-ranks/reference.ts";

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
    compile: (structure, layout, preludes = []) => ({
      run: (args) => new Interpreter(layout, buffers, args).run(structure, preludes),
    }),
    hash: (bytes, blockBytes) => hashBlocks(bytes, blockBytes, xxh64),
  };
}

/** Interprets the structures of one pass over the buffers. */
class Interpreter {
  private readonly precision: Precision;
  private readonly inputs: readonly Elements[];
  private readonly output: Elements;
  private readonly args: KernelArguments;
  /** Number of the first element of the row at hand, and ranks in that row. */
  private row = 0;
  private ranks: (readonly number[])[] = [];

  constructor(layout: Layout, buffers: Buffers, args: KernelArguments) {
    this.precision = precisionOf(layout);
    this.inputs = layout.inputs.map((dtype, index) => elementsOf(buffers.inputs[index]!, dtype));
    this.output = elementsOf(buffers.output, layout.output);
    this.args = args;
  }

  run(structure: Structure, preludes: readonly Prelude[]): Partials {
    const { args } = this;
    const tallies = structure.tallies.map((tally) => new Uint32Array(tallyCells(tally, args.trees).length));
    const main = this.part(structure, tallies, this.output);
    if (preludes.length === 0) return { reductions: runBlocks(structure, main, args), tallies };

    let emitted: number[] = [];
    const toRank = { write: (element: number, value: number) => (emitted[element - this.row] = value) };
    const parts = {
      preludes: preludes.map((prelude) => this.part(prelude.structure, [], toRank)),
      main,
      begin: (first: number) => {
        this.row = first;
        this.ranks = [];
      },
      rank: () => {
        this.ranks.push(rowRanks(emitted, this.precision));
        emitted = [];
      },
      clearTallies: () => tallies.forEach((counts) => counts.fill(0)),
    };
    return { reductions: runRows(structure, preludes, parts, args), tallies };
  }

  private part(structure: Structure, tallies: readonly Uint32Array[], output: Pick<Elements, "write">): Part {
    const { trees } = this.args;
    return (first, elements, scalars) => {
      const lanes = structure.reductions.map(({ by }) =>
        Array.from({ length: REDUCTION_LANES }, () => reductions[by].identity),
      );
      for (let element = first; element < first + elements; element++) {
        const values = this.valuesOf(structure, scalars, element);
        structure.reductions.forEach(({ by, args: numbers }, index) => {
          const terms = numbers.map((number) => values[number]!);
          const { term, fold } = reductions[by];
          const lane = (element - first) % REDUCTION_LANES;
          lanes[index]![lane] = fold(lanes[index]![lane]!, term(...terms));
        });
        structure.tallies.forEach((tally, index) => {
          const { arg, widths, level, slot } = tally;
          const bits = magnitudeBits(values[arg]!, this.precision);
          const place = placeOf(slot === undefined ? undefined : trees[slot], widths, bits, level);
          if (place !== undefined) tallies[index]![place - tallyCells(tally, trees).first]!++;
        });
        if (structure.emit !== undefined) output.write(element, values[structure.emit]!);
      }
      return structure.reductions.map(({ by }, index) => foldLanes(by, lanes[index]!));
    };
  }

  /** The values of all instructions for one element. */
  private valuesOf(
    { instructions }: Structure,
    scalars: readonly number[],
    element: number,
  ): readonly number[] {
    const values: number[] = [];
    for (const instruction of instructions) {
      const exact = this.valueOf(instruction, scalars, element, values);
      values.push(this.precision === "float32" ? Math.fround(exact) : exact);
    }
    return values;
  }

  private valueOf(
    instruction: Instruction,
    scalars: readonly number[],
    element: number,
    values: readonly number[],
  ): number {
    const { firstElement, trees, keys } = this.args;
    switch (instruction.kind) {
      case "input":
        return this.inputs[instruction.index]!.read(element);
      case "scalar":
        return scalars[instruction.slot]!;
      case "random":
        return uniform(firstElement + element, keys[instruction.slot]!);
      case "rowRank":
        return this.ranks[instruction.slot]![element - this.row]!;
      case "lookup": {
        const { slot, widths, arg } = instruction;
        return leafOf(trees[slot]!, widths, magnitudeBits(values[arg]!, this.precision));
      }
      case "op":
        return ops[instruction.op].reference(...instruction.args.map((arg) => values[arg]!));
    }
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
