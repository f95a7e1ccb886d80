import type { DType } from "../dtype.ts";
import type { WeightPrefix } from "../formats/format.ts";
import type { Combination } from "../methods/formula.ts";

/** What the user asked for: validated, defaults filled in, no file opened yet. It alone decides the output's bytes. */
export interface Recipe {
  /** Paths of the models in the order of summation, absolute. */
  readonly models: readonly string[];
  /** Path of the model whose difference to the others is merged. */
  readonly base?: string;
  readonly combination: Combination;
  readonly prefix: WeightPrefix;
  /** Element type of all merged tensors; absent: each keeps the base's, else the first model's. */
  readonly dtype?: DType;
  readonly maxShardBytes: number;
  /** Names of files to copy beside the weights; absent: every file that is not a weight. */
  readonly companions?: readonly string[];
  readonly seed: number;
}

/** How to carry a recipe out. Nothing here changes a byte of the output. */
export interface Settings {
  /** The folder to create, absolute. */
  readonly outputPath: string;
  readonly workers: number;
  /** Bytes of buffers that all workers together may hold. */
  readonly memoryBytes: number;
  /** Whether a merge goes on that makes NaN or infinity out of finite numbers. */
  readonly allowNonFinite: boolean;
  /** Whether `merge_report.json` is written beside the output's weights. */
  readonly writeReport: boolean;
}

/** A recipe, how to carry it out, and what the user should hear about the way it was understood. */
export interface Request {
  readonly recipe: Recipe;
  readonly settings: Settings;
  readonly notices: readonly string[];
}
