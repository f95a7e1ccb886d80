import type { TensorInfo } from "../formats/checkpoint.ts";
import type { Update } from "./update.ts";

/** The update of one tensor as an adapter's files have it, before the base is known. */
export interface Change {
  /** Name of the tensor in the model that the adapter was trained on. */
  readonly target: string;
  /** Shape of that tensor. */
  readonly shape: readonly number[];
  readonly update: Update;
  /** Whether a model may keep that tensor transposed, and its update with it. */
  readonly transposable: boolean;
}

/** What the tensors of an adapter are for, before the base is known. */
export interface AdapterWeights {
  readonly changes: readonly Change[];
  /** Tensors that take the place of others, by their names in the model that the adapter was trained on. */
  readonly replacements: ReadonlyMap<string, TensorInfo>;
}
