import type { DType } from "../dtype.ts";
import type { WeightPrefix } from "../formats/format.ts";
import type { Combination } from "../methods/formula.ts";
import type { Rule } from "./rule.ts";
import type { Slice } from "./slice.ts";

/** Where a model is. */
export interface ModelReference {
  /** Its folder or weight file, absolute. */
  readonly path: string;
  /** The folder or weight file of the LoRA adapter that is applied to it first, absolute. */
  readonly adapter?: string;
  /** The name of one of the recipe's `merges`, whose output the model is; `path` is then that name, and no path. */
  readonly merge?: string;
}

/** A merge that is no output, but a model of others. */
export interface NamedRecipe {
  readonly name: string;
  readonly recipe: Recipe;
}

/** What the user asked for: validated, defaults filled in, no file opened yet. It alone decides the output's bytes. */
export interface Recipe {
  /** The models in the order of summation; with slices, every model that they name, once, unless it is the base. */
  readonly models: readonly ModelReference[];
  /** The model whose difference to the others is merged. */
  readonly base?: ModelReference;
  /** What is done to them; a parameter without a value here must get one for every tensor from `rules`. */
  readonly combination: Combination;
  /** Values of parameters for some of the tensors, models or slices: of those that apply, the first holds. */
  readonly rules?: readonly Rule[];
  /** The output's layers as stacks of the models' layers; absent: whole models are merged, name by name. */
  readonly slices?: readonly Slice[];
  /**
   * The model whose files the output takes over, and whose element types where the recipe names none; absent: the base,
   * else the first model.
   */
  readonly donor?: ModelReference;
  /** What is merged first, each after those of which its own models refer to; they have no `merges` themselves. */
  readonly merges?: readonly NamedRecipe[];
  readonly prefix: WeightPrefix;
  /** Element type of all merged tensors; absent: each keeps the base's, else the first model's. */
  readonly dtype?: DType;
  readonly maxShardBytes: number;
  /** Names of files to copy beside the weights; absent: every file that is not a weight. */
  readonly companions?: readonly string[];
  /** Whether the output has a model card of its own, README.md, rather than a copy of an input's. */
  readonly modelCard: boolean;
  readonly seed: number;
  /** Its text, when it was read from a file in mergekit's language; flags can't say the same. */
  readonly source?: string;
  /**
   * Whether models that store the same weights differently are made to fit: names with one part more at their start,
   * output layers that only some share with their embeddings, rows that some added to these, buffers. Absent: they are
   * refused.
   */
  readonly reconcile?: boolean;
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
  /** Where a recipe file names the models, for what is wrong with them. */
  readonly places?: readonly ModelPlace[];
}

/** Where a file names a model, or an adapter. */
export interface ModelPlace {
  /** The path that the name stands for. */
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
