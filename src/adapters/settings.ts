import type { ModuleName, ModulePattern } from "./module-pattern.ts";

/** What an adapter's configuration says, the same for all libraries. */
export interface AdapterSettings {
  /** Rank of the factors of modules that `rankPattern` does not name. */
  readonly rank: number;
  /** What updates are multiplied with before they are divided by their rank. */
  readonly alpha: number;
  /** Ranks of some modules: the first pattern that matches counts. */
  readonly rankPattern: readonly PatternValue[];
  readonly alphaPattern: readonly PatternValue[];
  /** Whether alpha is divided by the root of the rank, not by the rank. */
  readonly rsLora: boolean;
  readonly dora: boolean;
  /** Whether updates have a part for the module's bias. */
  readonly loraBias: boolean;
  /** Whether square weights are stored as [in, out]; shapes tell for all others. */
  readonly fanInFanOut: boolean;
  /** The model it was trained on, as its author called it. */
  readonly baseModel?: string;
  /** Names or patterns of the modules it changes; which ones these are is told by its tensors. */
  readonly targets: readonly string[];
  /** Modules that were trained whole. */
  readonly modulesToSave: readonly string[];
  /** Which biases were trained: `none`, `all`, or a word of the library's for those of changed modules. */
  readonly bias: string;
}

export interface PatternValue {
  readonly pattern: ModulePattern;
  readonly value: number;
}

/** The number of the first of `values` whose pattern matches; undefined when none does. Throws TooMuchEffort. */
export function patternValue(values: readonly PatternValue[], module: ModuleName): number | undefined {
  return values.find(({ pattern }) => pattern.matches(module))?.value;
}

/** What the product of factors of this rank is multiplied with. */
export function scaleOf({ rsLora }: AdapterSettings, alpha: number, rank: number): number {
  return alpha / (rsLora ? Math.sqrt(rank) : rank);
}
