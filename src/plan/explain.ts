import type { DType } from "../dtype.ts";
import { TensorweldError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { Combination } from "../methods/formula.ts";
import type { ModelReference, Recipe } from "../recipe/recipe.ts";
import { arrange } from "./arrangement/arrange.ts";
import type { ArrangedTensor } from "./arrangement/arranged-tensor.ts";
import { reconciled } from "./arrangement/reconcile.ts";
import { modelSettings } from "./model-settings.ts";
import { openModels } from "./models.ts";

/** A model's tensor that one of the output is made of. */
export interface TensorSource {
  readonly model: ModelReference;
  /** Its name in the model. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What one tensor of the output is made of, all parameters resolved: plain data. */
export interface TensorExplanation {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** How deep in its slice it lies, from 0 to 1, where gradients take their value; 0 outside layers. */
  readonly position: number;
  /** What differences are taken to. */
  readonly base?: TensorSource;
  /** What is merged, in the order of summation; of a copied tensor the first is written. */
  readonly sources: readonly TensorSource[];
  /** What is computed; absent when the first source is copied. */
  readonly combination?: Combination;
}

/**
 * What each tensor of a recipe's output is made of, from headers alone.
 * @throws TensorweldError `refused`, with everything that keeps the models from being merged.
 */
export async function explainRecipe(storage: Storage, recipe: Recipe): Promise<readonly TensorExplanation[]> {
  const opened = await openModels(storage, recipe);
  if ("problems" in opened) throw new TensorweldError("refused", opened.problems);
  const { models } = reconciled(opened, recipe);
  const { tensors, problems } = arrange(models, recipe, await modelSettings(storage, models));
  if (problems.length > 0) throw new TensorweldError("refused", problems);
  return tensors.map(explanationOf);
}

function explanationOf(tensor: ArrangedTensor): TensorExplanation {
  const { name, dtype, shape, position, combination, hasBase } = tensor;
  const sources = tensor.sources.map(({ model, name: own, tensor: stored }) => ({
    model: model.reference,
    name: own,
    dtype: stored.dtype,
    shape: stored.shape,
  }));
  const [base] = hasBase ? sources : [];
  return {
    name,
    dtype,
    shape,
    position,
    ...(base && { base }),
    sources: hasBase ? sources.slice(1) : sources,
    ...(combination && { combination }),
  };
}
