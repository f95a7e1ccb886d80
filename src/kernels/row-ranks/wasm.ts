import type { Precision } from "../../dtype.ts";
import { compileRowRanks } from "./compile.ts";

/** Makes ranks of a row of float32 or float64 that lies in the ranker's memory; see `rowRanks`. */
export type RowRanker = (row: number, elements: number, scratch: number) => void;

/** The ranker in WebAssembly, over `memory`; of the scratch it is given it takes `rankScratchBytes`. */
export async function createRowRanker(precision: Precision, memory: WebAssembly.Memory): Promise<RowRanker> {
  const module = await WebAssembly.compile(compileRowRanks(precision));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports["run"] as RowRanker;
}
