import type { RandomKey } from "../../formula/random.ts";
import { BLOCK_ELEMENTS } from "../../formula/reductions.ts";
import type { Structure } from "../../formula/stage.ts";
import type { Layout } from "../backend.ts";
import type { Part } from "../parts.ts";
import type { Place, StructureModule } from "./module.ts";

/** The structure and layout of a module that emits random numbers. */
export const randomStructure: Structure = {
  instructions: [{ kind: "random", slot: 0 }],
  reductions: [],
  tallies: [],
  emit: 0,
  scalars: 0,
  trees: 0,
  streams: 1,
  ranks: 0,
};
export const randomLayout: Layout = { inputs: [], output: "F32" };

/** Elements that share a counter. */
const COUNTER_ELEMENTS = 4;

/** The random numbers of one row at a time, as a buffer. */
export class RandomRow {
  /** Where they are, for elements numbered as in the tensor. */
  readonly place: Place = { start: 0, dtype: "F32" };
  private readonly address: number;
  private readonly part: Part;

  constructor(module: StructureModule, key: RandomKey, address: number) {
    const tables = { trees: [], tallies: [] };
    this.address = address;
    this.part = module.part({ inputs: [], output: this.place, tables, keys: [key], firstElement: 0 });
  }

  /** Makes those of the elements from number `first` of the tensor on. */
  fill(first: number, elements: number): void {
    // A row may begin anywhere, and the numbers are made four at a time.
    let at = first - (first % COUNTER_ELEMENTS);
    this.place.start = this.address - at * Float32Array.BYTES_PER_ELEMENT;
    while (at < first + elements) {
      // The upper word of the counters is the same throughout a block.
      const end = Math.min(first + elements, at - (at % BLOCK_ELEMENTS) + BLOCK_ELEMENTS);
      this.part(at, end - at, []);
      at = end;
    }
  }
}
