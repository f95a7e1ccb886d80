import { atLeast, defineMethod } from "./define.ts";
import { normalisedWeights } from "./normalised-weights.ts";
import { flag, notNegative, perModel } from "./parameters.ts";
import { combined, lengthOf } from "./span.ts";

/** The mean direction of some tensors, at their mean length. */
export const multislerp = defineMethod({
  name: "multislerp",
  summary: "The weighted mean of the models' directions, as long as they are on weighted average.",
  formula: "uᵢ = dᵢ/|dᵢ|; m = Σ wᵢ·uᵢ; m/|m| · Σ wᵢ·|dᵢ|, every wᵢ divided by Σ w first when normalised",
  reference: "https://goddard.blog/posts/multislerp-wow-what-a-cool-idea",
  differences: [
    "mergekit goes on from m along the sphere by Σ wᵢ·(uᵢ - (uᵢ·m)·m), which is zero but for rounding: m is that mean.",
    "Where directions cancel each other, two models are summed in both; of more, mergekit makes an error, and here a sum.",
  ],
  models: atLeast(1),
  parameters: {
    weight: perModel(1, "How much this model counts."),
    normalize: flag(true, "Divide every weight by the sum of the weights."),
    eps: notNegative(1e-8, "The length of m below which directions cancel each other."),
  },
  recipe: {
    base: "difference",
    needsBase: false,
    parameters: {
      weight: { sets: "weight", required: true },
      normalize_weights: { sets: "normalize" },
      eps: { sets: "eps" },
    },
  },
  merge(tensors, { weight, normalize, eps }) {
    if (tensors.length === 1) return tensors[0]!;
    const weights = normalize ? normalisedWeights(weight) : weight;
    return combined(tensors, (gram) => {
      const lengths = gram.map((row, i) => Math.sqrt(row[i]!));
      const mean = weights.map((w, i) => w / (lengths[i]! + eps));
      const norm = lengthOf(mean, gram);
      if (norm < eps) return weights;
      const length = weights.reduce((sum, w, i) => sum + w * lengths[i]!, 0);
      return mean.map((one) => (one / norm) * length);
    });
  },
});
