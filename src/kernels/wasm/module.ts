import { bytesOf, type DType } from "../../dtype.ts";
import type { RandomKey } from "../../formula/random.ts";
import { REDUCTION_LANES } from "../../formula/reductions.ts";
import type { Structure } from "../../formula/stage.ts";
import { type Layout, precisionOf } from "../backend.ts";
import type { Part } from "../parts.ts";
import { LANES_BYTES, partialOf } from "./accumulators.ts";
import { compileStructure, STEP_ELEMENTS } from "./compile.ts";
import type { Tables } from "./tables.ts";
import { UNREAD_BYTES } from "./tree.ts";

/** Where the lanes of reductions are stored. */
const FIRST_LANES = UNREAD_BYTES;

/** Room for the lanes of this many reductions. */
const MAX_REDUCTIONS = 63;

/** First byte of the memory that a module's own numbers leave free. */
export const FIRST_FREE_BYTE: number = FIRST_LANES + MAX_REDUCTIONS * LANES_BYTES;

/** Where the elements of an input or of the output lie. */
export interface Place {
  /** Address of element 0 of the run; of a buffer of one row, where that would be. */
  start: number;
  readonly dtype: DType;
}

/** What a module is run with, beside the numbers of the stretch. */
export interface ModuleArguments {
  readonly inputs: readonly Place[];
  readonly output: Place;
  readonly tables: Tables;
  readonly keys: readonly RandomKey[];
  /** Position of element 0 in the tensor. */
  readonly firstElement: number;
}

/** A structure compiled to WebAssembly. */
export class StructureModule {
  private readonly structure: Structure;
  private readonly layout: Layout;
  private readonly memory: WebAssembly.Memory;
  private readonly run: (...args: readonly number[]) => void;

  private constructor(
    structure: Structure,
    layout: Layout,
    memory: WebAssembly.Memory,
    run: (...args: readonly number[]) => void,
  ) {
    this.structure = structure;
    this.layout = layout;
    this.memory = memory;
    this.run = run;
  }

  static async compile(
    structure: Structure,
    layout: Layout,
    memory: WebAssembly.Memory,
  ): Promise<StructureModule> {
    if (structure.reductions.length > MAX_REDUCTIONS) {
      throw new Error(`${structure.reductions.length} reductions in one pass, more than ${MAX_REDUCTIONS}`);
    }
    const module = await WebAssembly.compile(compileStructure(structure, layout));
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    const run = exports["run"] as (...args: readonly number[]) => void;
    return new StructureModule(structure, layout, memory, run);
  }

  /** The structure, ready to be run with these arguments. The memory must stay where it is while it is used. */
  part({ inputs, output, tables, keys, firstElement }: ModuleArguments): Part {
    const { run } = this;
    const { scalars: scalarCount, trees, tallies, streams, reductions } = this.structure;
    const places = [...inputs, output].map((place) => ({ place, width: bytesOf(place.dtype, 1) }));
    const stretch = places.length + 1;
    const fixed = [
      ...tables.trees.slice(0, trees),
      ...tables.tallies.slice(0, tallies.length).map(({ root }) => root),
      ...keys.slice(0, streams).flat(),
    ];
    const args = [...places.map(() => 0), FIRST_LANES, 0, 0, 0, 0, ...fixed];
    const firstScalar = args.length;
    const precision = precisionOf(this.layout);
    const lanes = reductions.map(
      (_, index) => new Float64Array(this.memory.buffer, FIRST_LANES + index * LANES_BYTES, REDUCTION_LANES),
    );
    const reduced = reductions.map(() => 0);
    return (first, elements, scalars) => {
      for (let index = 0; index < places.length; index++) {
        const { place, width } = places[index]!;
        args[index] = place.start + first * width;
      }
      const rest = elements % STEP_ELEMENTS;
      args[stretch] = (elements - rest) / STEP_ELEMENTS;
      args[stretch + 1] = rest;
      if (streams > 0) {
        const counter = (firstElement + first) / 4;
        args[stretch + 2] = counter % 2 ** 32;
        args[stretch + 3] = Math.floor(counter / 2 ** 32);
      }
      for (let slot = 0; slot < scalarCount; slot++) args[firstScalar + slot] = scalars[slot]!;
      run(...args);
      for (let index = 0; index < reduced.length; index++) {
        reduced[index] = partialOf(reductions[index]!.by, precision, lanes[index]!);
      }
      return reduced;
    };
  }
}
