import { host, quantileOfMagnitudes, sum, where } from "../formula/builder.ts";
import { defineSparsifier } from "./define.ts";
import { flag, share } from "./parameters.ts";

/** The sum of magnitudes below which a tensor is taken for zero and not rescaled. Source: PaddleNLP. */
const MIN_SUM = 1e-8;

/** Keeps the elements of largest magnitude. */
export const trim = defineSparsifier({
  name: "trim",
  summary: "Keeps the elements of largest magnitude.",
  formula:
    "t = quantile(|d|, 1-p), linearly interpolated; elements with |d| < t become 0; rescale: times Σ|d| / Σ|kept|",
  reference: "https://arxiv.org/abs/2306.01708",
  differences: [
    "mergekit keeps exactly the top p·n elements; a quantile keeps all that are equal at the threshold.",
    "PaddleNLP sums float16 magnitudes in float16, which overflow; here they are summed in float64.",
  ],
  parameters: {
    reserve: share(0.7, "The share of elements to keep."),
    rescale: flag(true, "Enlarge what is kept, so that the sum of magnitudes stays what it was."),
  },
  sparsify(d, { reserve, rescale }) {
    const kept = d
      .abs()
      .lt(quantileOfMagnitudes(d, 1 - reserve))
      .not();
    if (!rescale) return { kept, value: d };
    const scale = host(
      (all, rest) => (all >= MIN_SUM && rest >= MIN_SUM ? all / rest : 1),
      sum(d.abs()),
      sum(where(kept, d.abs(), 0)),
    );
    return { kept, value: d.mul(scale) };
  },
});
