import { count, dot, host, type Scalar, type Tensor, total, where } from "../formula/builder.ts";
import { orderStatisticsOfMagnitudes } from "../formula/order-statistics.ts";
import { atLeast, defineMethod } from "./define.ts";
import { agreeing } from "./election.ts";
import { notNegative } from "./parameters.ts";

/** What sums of coefficients are divided by at least, and below which they are taken for zero. Source: mergekit. */
const MIN_SUM = 1e-6;

/** The differences that vary most, weighted by their squares, where they have the elected sign. */
export const sce = defineMethod({
  name: "sce",
  summary:
    "Select the elements that vary most among the models, calculate each model's weight from what is left, erase what has not the elected sign.",
  formula:
    "dᵢ = 0 but at the ⌊τ·m⌋ elements of largest variance, of m where it is not zero; cᵢ = mean dᵢ² / Σ of those; s = + if Σ d ≥ 0, else -; Σ cᵢ·dᵢ over those with sign s, divided by Σ of their cᵢ",
  reference: "https://arxiv.org/abs/2408.07990",
  differences: [
    "Where nothing is selected, mergekit gives the output an axis too many; here the base is the result.",
    "mergekit adds up models in an order that differs from run to run; here it is the recipe's.",
    "All elements whose variance is equal to the least selected one are selected; mergekit leaves that to its sort.",
  ],
  models: atLeast(1),
  parameters: {
    select: notNegative(
      1,
      "τ, the share of elements to select; 1 or more selects all, without a look at the variance.",
    ),
  },
  recipe: {
    base: "difference",
    needsBase: true,
    parameters: { select_topk: { sets: "select" } },
    idle: { int8_mask: "it changes how signs are held in memory, not what they are" },
  },
  merge(tensors, { select }) {
    const selected = select < 1 ? selectedBy(varianceOf(tensors), tensors, select) : tensors;
    const coefficients = coefficientsOf(selected);
    const agrees = agreeing(selected, selected);
    const sum = total(selected.map((d, model) => where(agrees[model]!, d.mul(coefficients[model]!), 0)));
    const divisor = total(agrees.map((mask, model) => where(mask, coefficients[model]!, 0)));
    return sum.div(divisor.max(MIN_SUM));
  },
});

/** The variance among the models, element by element; of equal numbers it is exactly 0. */
function varianceOf(tensors: readonly Tensor[]): Tensor {
  const offsets = tensors.map((d) => d.sub(tensors[0]!));
  const mean = total(offsets).div(tensors.length);
  const squares = offsets.map((offset) => offset.sub(mean)).map((deviation) => deviation.mul(deviation));
  return total(squares).div(tensors.length);
}

/** The tensors with zeros in all but the share of elements of largest variance. */
function selectedBy(variance: Tensor, tensors: readonly Tensor[], share: number): readonly Tensor[] {
  const [least] = orderStatisticsOfMagnitudes(
    variance,
    [(elements, varying) => elements - Math.trunc(varying * share)],
    count(variance.gt(0)),
  );
  const chosen = variance.ge(least);
  return tensors.map((d) => where(chosen, d, 0));
}

/** How many elements a tensor has. */
function elementsOf(x: Tensor): Scalar {
  const positive = x.gt(0);
  return count(positive.or(positive.not()));
}

/** Each model's mean of squares, divided by their sum. */
function coefficientsOf(tensors: readonly Tensor[]): readonly Scalar[] {
  const squares = tensors.map((d) => dot(d, d));
  return tensors.map((_, model) =>
    host(
      (elements, ...all) => {
        const sum = all.reduce((sum, one) => sum + one, 0);
        return sum / elements < MIN_SUM ? 1 / all.length : all[model]! / sum;
      },
      elementsOf(tensors[0]!),
      ...squares,
    ),
  );
}
