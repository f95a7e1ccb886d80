import type { ModelReference } from "./recipe.ts";

/** Neighbouring layers of the output, and the layers they are made of. */
export interface Slice {
  /** How many layers. */
  readonly layers: number;
  /** What is merged, in the order of summation. */
  readonly sources: readonly SliceSource[];
  /** Whose difference to the sources is merged. */
  readonly base?: SliceSource;
}

/** Neighbouring layers of a model. */
export interface SliceSource {
  readonly model: ModelReference;
  /** Number of the first layer, from 0. */
  readonly firstLayer: number;
}
