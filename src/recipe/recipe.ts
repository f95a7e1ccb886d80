import type { DType } from "../dtype.ts";
import type { WeightPrefix } from "../formats/format.ts";
import type { Combination } from "../methods/formula.ts";

/** Where a model is. */
export interface ModelReference {
  /** Its folder or weight file, absolute. */
  readonly path: string;
  /** The folder or weight file of the LoRA adapter that is applied to it first, absolute. */
  readonly adapter?: string;
}

/** What the user asked for: validated, defaults filled in, no file opened yet. It alone decides the output's bytes. */
export interface Recipe {
  /** The models in the order of summation. */
  readonly models: readonly ModelReference[];
  /** The model whose difference to the others is merged. */
  readonly base?: ModelReference;
  readonly combination: Combination;
  readonly prefix: WeightPrefix;
  /** Element type of all merged tensors; absent: each keeps the base's, else the first model's. */
  readonly dtype?: DType;
  readonly maxShardBytes: number;
  /** Names of files to copy beside the weights; absent: every file that is not a weight. */
  readonly companions?: readonly string[];
  /** Whether the output has a model card of its own, README.md, rather than a copy of an input's. */
  readonly modelCard: boolean;
  readonly seed: number;
  /**
   * Where the arithmetic is done; absent: on CPUs, which all make the same bytes. On a GPU they may be one unit in the last
   * place off.
   */
  readonly device?: "gpu";
}

/** How to carry a recipe out. Nothing here changes a byte of the output, but for the title of its model card. */
export interface Settings {
  /** The folder to create, absolute. Its name is the card's title. */
  readonly outputPath: string;
  readonly workers: number;
  /** Bytes that a merge may hold, beside 100 MB for Node and one worker. */
  readonly memoryBytes: number;
  /** Whether a merge goes on that makes NaN or infinity out of finite numbers. */
  readonly allowNonFinite: boolean;
  /** Whether `merge_report.json` is written beside the output's weights. */
  readonly writeReport: boolean;
  /** Whether a merge goes on from what an earlier attempt at it left. */
  readonly resume: boolean;
  /** Whether a model at the output's path is replaced, and what another merge left beside it thrown away. */
  readonly overwrite: boolean;
  /** Whether warnings keep a merge from starting. */
  readonly strict: boolean;
  /** The GPU that computes; absent: the CPU does. */
  readonly gpu?: GpuSettings;
}

/** How a GPU is used. */
export interface GpuSettings {
  /** Bytes that are held on it at most; absent: as many as it has, and inputs stay there while they are needed. */
  readonly memoryBytes?: number;
  /** Whether the CPU goes on when it fails. */
  readonly fallback: boolean;
}

/** A recipe, how to carry it out, and what the user should hear about the way it was understood. */
export interface Request {
  readonly recipe: Recipe;
  readonly settings: Settings;
  readonly notices: readonly string[];
}
