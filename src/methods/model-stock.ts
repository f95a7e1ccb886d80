import { dot, rowDot, total } from "../formula/builder.ts";
import { atLeast, defineMethod } from "./define.ts";
import { flag } from "./parameters.ts";
import { clampedCosine, type Gram, ofGram } from "./span.ts";

/** The product of two lengths that is divided by at least. Source: mergekit. */
const MIN_LENGTHS = 1e-6;

/** The divisor below which nothing is known of the ratio: the models lie around the base in all directions alike. */
const MIN_DIVISOR = 1e-6;

/** A point between the base and the mean of the models, the nearer to it the smaller their angles. */
export const modelStock = defineMethod({
  name: "model_stock",
  summary: "The mean of the models' differences to the base, shortened by what their angles tell.",
  formula: "c = mean of all cos(dᵢ, dⱼ); t = N·c / (1 + (N-1)·c) for N models; t·mean dᵢ",
  reference: "https://arxiv.org/abs/2403.19522",
  differences: [
    "Where N·c / (1 + (N-1)·c) would divide by zero, mergekit makes NaN; here the base is the result.",
    "In both, t is below 0 for models at obtuse angles: the result lies beyond the base.",
  ],
  models: atLeast(2),
  parameters: {
    filterWise: flag(false, "Take each row for a vector, in place of the whole tensor."),
  },
  recipe: {
    base: "difference",
    needsBase: true,
    parameters: { filter_wise: { sets: "filterWise" } },
  },
  merge(tensors, { filterWise }) {
    const inner = filterWise ? rowDot : dot;
    const count = tensors.length;
    const share = ofGram(tensors, (gram) => ratioOf(meanCosine(gram), count) / count, inner);
    return total(tensors).mul(share);
  },
});

/** How far to go from the base to the mean of `count` models. */
function ratioOf(cosine: number, count: number): number {
  const divisor = 1 + (count - 1) * cosine;
  return divisor < MIN_DIVISOR ? 0 : (count * cosine) / divisor;
}

/** The mean of the cosines of all pairs; 0 of none. */
function meanCosine(gram: Gram): number {
  const lengths = gram.map((row, i) => Math.sqrt(row[i]!));
  const cosines = gram.flatMap((row, i) =>
    row
      .slice(0, i)
      .map((product, j) => clampedCosine(product / Math.max(lengths[i]! * lengths[j]!, MIN_LENGTHS))),
  );
  return cosines.reduce((sum, cosine) => sum + cosine, 0) / Math.max(1, cosines.length);
}
