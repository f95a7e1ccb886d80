import { quantileOfMagnitudes, type Scalar, type Tensor } from "../formula/builder.ts";
import { orderStatisticsOfMagnitudes } from "../formula/order-statistics.ts";
import { defineSparsifier } from "./define.ts";
import { choice, flag, notNegative } from "./parameters.ts";
import { rescaledBySum } from "./rescaling.ts";

/** Keeps the elements of largest magnitude. */
export const trim = defineSparsifier({
  name: "trim",
  summary: "Keeps the elements of largest magnitude.",
  formula:
    "t = quantile(|d|, 1-p), linearly interpolated, or by count the ⌊p·n⌋-th largest |d|, at least the largest; elements with |d| < t become 0; rescale: times Σ|d| / Σ|kept|",
  reference: "https://arxiv.org/abs/2306.01708",
  differences: [
    "mergekit keeps exactly the top ⌊p·n⌋ elements, whichever of equals its sort puts first; here all that are equal at the threshold are kept.",
    "PaddleNLP sums float16 magnitudes in float16, which overflow; here they are summed in float64.",
  ],
  parameters: {
    reserve: notNegative(0.7, "The share of elements to keep."),
    threshold: choice(
      ["quantile", "count"],
      "What the smallest magnitude to keep is: a quantile between two elements, or that of the last element of the share.",
    ),
    rescale: flag(true, "Enlarge what is kept, so that the sum of magnitudes stays what it was."),
  },
  sparsify(d, { reserve, threshold, rescale }) {
    const least =
      threshold === "count" ? leastOfLargest(d, reserve) : quantileOfMagnitudes(d, Math.max(0, 1 - reserve));
    const kept = d.abs().lt(least).not();
    return { kept, value: rescale ? rescaledBySum(d, kept) : d };
  },
});

/** The least magnitude among a share of all elements, the largest ones; any share above 0 is one element at least. */
function leastOfLargest(d: Tensor, share: number): Scalar {
  const kept = (elements: number): number => (share > 0 ? Math.max(1, Math.trunc(share * elements)) : 0);
  const [least] = orderStatisticsOfMagnitudes(d, [(elements) => elements - kept(elements)]);
  return least;
}
