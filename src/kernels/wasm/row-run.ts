import { bytesOf } from "../../dtype.ts";
import type { Prelude, Structure } from "../../formula/stage.ts";
import { type KernelArguments, type Layout, precisionOf } from "../backend.ts";
import type { Part, RowParts } from "../parts.ts";
import { rowBuffers } from "../row-buffers.ts";
import type { RowRanker } from "../row-ranks/wasm.ts";
import type { Place, StructureModule } from "./module.ts";
import { RandomRow } from "./random-row.ts";
import { rankDType } from "./row-structure.ts";
import { clearTallies, type Tables } from "./tables.ts";

/** What a structure with preludes is run over rows with. */
export interface RowModules {
  readonly preludes: readonly StructureModule[];
  readonly main: StructureModule;
  readonly random: StructureModule;
  readonly ranker: RowRanker;
}

/** Where a run lies. */
export interface RunPlaces {
  readonly memory: WebAssembly.Memory;
  readonly inputs: readonly Place[];
  readonly output: Place;
  readonly tables: Tables;
  /** Address of rows that are made on the way. */
  readonly rows: number;
}

/** A structure and its preludes at work on a run of rows. */
export class RowRun implements RowParts {
  readonly preludes: readonly Part[];
  readonly main: Part;
  private readonly modules: RowModules;
  private readonly places: RunPlaces;
  private readonly args: KernelArguments;
  /** The random numbers of each stream, and where the main structure finds them. */
  private readonly randoms: readonly { readonly row: RandomRow; readonly place: Place }[];
  private readonly ranks: readonly { readonly address: number; readonly place: Place }[];
  private readonly rankScratch: number;
  /** For each prelude, the slot of the ranks that it makes, if it makes any. */
  private readonly rankSlots: readonly number[];

  constructor(
    structure: Structure,
    preludes: readonly Prelude[],
    layout: Layout,
    modules: RowModules,
    places: RunPlaces,
    args: KernelArguments,
  ) {
    const { inputs, tables } = places;
    const { firstElement, rows, keys } = args;
    const offsets = rowBuffers(structure, precisionOf(layout), rows!.rowElements);
    this.modules = modules;
    this.places = places;
    this.args = args;
    this.randoms = offsets.streams.map((offset, stream) => ({
      row: new RandomRow(modules.random, keys[stream]!, places.rows + offset),
      place: { start: 0, dtype: "F32" },
    }));
    this.ranks = offsets.ranks.map((offset) => ({
      address: places.rows + offset,
      place: { start: 0, dtype: rankDType(layout) },
    }));
    this.rankScratch = places.rows + offsets.rankScratch;
    this.rankSlots = preludes.map((prelude) => prelude.structure.ranks);
    const part = (module: StructureModule, { streams, ranks }: Structure, output: Place): Part =>
      module.part({
        inputs: [
          ...inputs,
          ...this.randoms.slice(0, streams).map(({ place }) => place),
          ...this.ranks.slice(0, ranks).map(({ place }) => place),
        ],
        output,
        tables,
        keys: [],
        firstElement,
      });
    this.preludes = preludes.map((prelude, index) => {
      const { emit, ranks } = prelude.structure;
      const output = emit === undefined ? places.output : this.ranks[ranks]!.place;
      return part(modules.preludes[index]!, prelude.structure, output);
    });
    this.main = part(modules.main, structure, places.output);
  }

  begin(first: number): void {
    const { firstElement, rows } = this.args;
    for (const { row, place } of this.randoms) {
      row.fill(firstElement + first, rows!.rowElements);
      place.start = row.place.start + bytesOf(place.dtype, firstElement);
    }
    for (const { address, place } of this.ranks) place.start = address - bytesOf(place.dtype, first);
  }

  rank(prelude: number): void {
    const { address } = this.ranks[this.rankSlots[prelude]!]!;
    this.modules.ranker(address, this.args.rows!.rowElements, this.rankScratch);
  }

  clearTallies(): void {
    clearTallies(this.places.tables, this.places.memory);
  }
}
