import type { DType } from "../../dtype.ts";
import type { TensorInfo } from "../../formats/checkpoint.ts";
import type { Combination } from "../../methods/formula.ts";
import type { Model } from "../models.ts";

/** A tensor of a model that goes into one of the output's. */
export interface Source {
  readonly model: Model;
  /** Its name in the model. */
  readonly name: string;
  readonly tensor: TensorInfo;
}

/** One tensor of the output: what it is made of and how, before it is known where any byte goes. */
export interface ArrangedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /**
   * The base first, when there is one, then the models in the order of summation. Of a copied tensor the first is
   * written, and those of the same type are compared with it.
   */
  readonly sources: readonly Source[];
  readonly hasBase: boolean;
  /** Stored tensors that are read for it; one that goes into several merges on the way counts for each. */
  readonly reads: number;
  /** What is computed; absent when the first source's bytes are copied as they are. */
  readonly combination?: Combination;
  /** Number of the slice it is in; 0 where whole models are merged. */
  readonly slice: number;
  /** How deep in its slice it lies, from 0 to 1; 0 outside layers. */
  readonly position: number;
}
