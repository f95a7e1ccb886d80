import { total } from "../formula/builder.ts";
import { atLeast, defineMethod } from "./define.ts";
import { flag, perModel } from "./parameters.ts";

/** The weighted sum of the models: a model soup, or task arithmetic when there is a base. */
export const linear = defineMethod({
  name: "linear",
  summary: "Weighted sum of the models, or with a base, of their differences to it.",
  formula: "Σ wᵢ·dᵢ, every wᵢ divided by Σ w first when normalised",
  reference: "https://arxiv.org/abs/2203.05482",
  differences: [
    "mergekit normalises by default, and takes no base; with a base it is mergekit's task_arithmetic.",
    "PaddleNLP's code normalises by default where its manual does not; here the manual holds when weights are given.",
  ],
  models: atLeast(2),
  parameters: {
    weight: perModel(1, "How much of this model goes into the sum; may be negative."),
    normalize: flag(false, "Divide every weight by the sum of the weights."),
  },
  merge: (tensors, values) => {
    const factors = factorsOf(values);
    return total(tensors.map((tensor, model) => tensor.mul(factors[model]!)));
  },
  keepsOne: (values) => factorsOf(values)[0] === 1,
});

/** What each model is multiplied by. */
function factorsOf({
  weight,
  normalize,
}: {
  readonly weight: readonly number[];
  readonly normalize: boolean;
}): readonly number[] {
  const divisor = normalize ? weight.reduce((sum, w) => sum + w, 0) : 1;
  return weight.map((one) => one / divisor);
}
