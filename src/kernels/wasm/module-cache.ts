import type { Precision } from "../../dtype.ts";
import type { Structure } from "../../formula/stage.ts";
import type { Layout } from "../backend.ts";
import { createRowRanker, type RowRanker } from "../row-ranks/wasm.ts";
import { StructureModule } from "./module.ts";

/** Modules over one memory, each compiled once. */
export class ModuleCache {
  private readonly memory: WebAssembly.Memory;
  private readonly modules = new Map<string, Promise<StructureModule>>();
  private readonly rankers = new Map<Precision, Promise<RowRanker>>();

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  moduleOf(structure: Structure, layout: Layout): Promise<StructureModule> {
    const compile = (): Promise<StructureModule> => StructureModule.compile(structure, layout, this.memory);
    return remembered(this.modules, JSON.stringify([structure, layout]), compile);
  }

  rankerOf(precision: Precision): Promise<RowRanker> {
    return remembered(this.rankers, precision, () => createRowRanker(precision, this.memory));
  }
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
