import type { DType } from "../dtype.ts";
import { TensorweldError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { Combination } from "../methods/formula.ts";
import type { ModelReference, Request } from "../recipe/recipe.ts";
import type { ArrangedTensor, Source } from "./arrangement/arranged-tensor.ts";
import { atTheirPlaces } from "./model-places.ts";
import { prepare } from "./prepare.ts";

/** A model's tensor that one of the output is made of. */
export interface TensorSource {
  readonly model: ModelReference;
  /** Its name in the model. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** What it is made of itself, where the model is an earlier merge of the recipe. */
  readonly madeOf?: TensorExplanation;
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
 * What each tensor of a request's output is made of, from headers alone.
 * @throws TensorweldError `refused`, with everything that keeps the models from being merged.
 */
export async function explainRequest(
  storage: Storage,
  { recipe, places }: Request,
): Promise<readonly TensorExplanation[]> {
  const { problems, ...prepared } = await prepare(storage, recipe);
  if (prepared.models === undefined || problems.length > 0)
    throw new TensorweldError("refused", atTheirPlaces(problems, places));
  return prepared.tensors.map(explanationOf);
}

function explanationOf(tensor: ArrangedTensor): TensorExplanation {
  const { name, dtype, shape, position, combination, hasBase } = tensor;
  const sources = tensor.sources.map(sourceOf);
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

function sourceOf({ model, name, tensor: { dtype, shape } }: Source): TensorSource {
  const made = model.made?.get(name);
  return { model: model.reference, name, dtype, shape, ...(made && { madeOf: explanationOf(made) }) };
}
