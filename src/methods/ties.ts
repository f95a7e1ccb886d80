import { type Tensor, total, where } from "../formula/builder.ts";
import { atLeast, defineMethod } from "./define.ts";
import { agreeing } from "./election.ts";
import { choice, flag, number, perModel } from "./parameters.ts";

/** The magnitude below which a sum of weights is taken for zero and not divided by. Source: PaddleNLP. */
const MIN_DIVISOR = 1e-8;

/** The sum of what agrees with the sign that all models together elect. */
export const ties = defineMethod({
  name: "ties",
  summary: "For each element the models elect a sign; what has that sign is summed, the rest is left out.",
  formula:
    "vᵢ = wᵢ·dᵢ; s = + if Σ v ≥ 0 (or more vᵢ > 0 than vᵢ < 0), else -; λ·Σ of the vᵢ with sign s, divided by Σ of their wᵢ when normalised",
  reference: "https://arxiv.org/abs/2306.01708",
  differences: [
    "The paper trims over the whole model at once; here as in mergekit and PaddleNLP each tensor is trimmed alone.",
    "PaddleNLP rescales after trimming, and so do the defaults here; the paper and mergekit do not (--no_rescale).",
    "mergekit divides by the sum of the weights that agree unless told not to; here normalize says so.",
  ],
  models: atLeast(2),
  parameters: {
    weight: perModel(1, "How much of this model goes into the sum; a negative one turns its signs."),
    elect: choice(
      ["sum", "count"],
      "What decides a sign: the sum of the values, or the number of each sign.",
    ),
    normalize: flag(false, "Divide by the sum of the weights of those that agree."),
    scale: number(1, "λ, what the result is multiplied by."),
  },
  merge(tensors, { weight, elect, normalize, scale }) {
    const values = tensors.map((tensor, model) => tensor.mul(weight[model]!));
    const agrees = agreeing(values, elect === "sum" ? values : values.map(sign));
    const sum = total(values.map((value, model) => where(agrees[model]!, value, 0)));
    const divisor = total(agrees.map((mask, model) => where(mask, weight[model]!, 0)));
    const merged = normalize ? sum.div(where(divisor.abs().lt(MIN_DIVISOR), 1, divisor)) : sum;
    return scale === 1 ? merged : merged.mul(scale);
  },
});

function sign(x: Tensor): Tensor {
  return where(x.gt(0), 1, where(x.lt(0), -1, 0));
}
