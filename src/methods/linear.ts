import { total } from "../formula/builder.ts";
import { atLeast, defineMethod } from "./define.ts";
import { normalisedWeights } from "./normalised-weights.ts";
import { flag, number, perModel } from "./parameters.ts";

interface LinearValues {
  readonly weight: readonly number[];
  readonly normalize: boolean;
  readonly scale: number;
}

/** The weighted sum of the models: a model soup, or task arithmetic when there is a base. */
export const linear = defineMethod({
  name: "linear",
  summary: "Weighted sum of the models, or with a base, of their differences to it.",
  formula: "λ·Σ wᵢ·dᵢ, every wᵢ divided by Σ w first when normalised",
  reference: "https://arxiv.org/abs/2203.05482",
  differences: [
    "mergekit normalises by default, and takes no base; with a base it is mergekit's task_arithmetic.",
    "PaddleNLP's code normalises by default where its manual does not; here the manual holds when weights are given.",
    "Weights of recipes that add up to 0 are not divided; mergekit's linear makes NaN and infinity of them.",
  ],
  models: atLeast(2),
  parameters: {
    weight: perModel(1, "How much of this model goes into the sum; may be negative."),
    normalize: flag(false, "Divide every weight by the sum of the weights."),
    scale: number(1, "λ, what the result is multiplied by."),
  },
  recipe: {
    base: "listed",
    needsBase: false,
    models: atLeast(1),
    parameters: {
      weight: { sets: "weight", required: true },
      normalize: { sets: "normalize", default: true },
    },
  },
  merge(tensors, values) {
    const factors = factorsOf(values);
    return total(tensors.map((tensor, model) => tensor.mul(factors[model]!)));
  },
  keepsOne: (values) => factorsOf(values)[0] === 1,
});

/** What each model is multiplied by. */
function factorsOf({ weight, normalize, scale }: LinearValues): readonly number[] {
  const weights = normalize ? normalisedWeights(weight) : weight;
  return weights.map((one) => one * scale);
}
