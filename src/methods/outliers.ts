import { orderStatisticsOfMagnitudes } from "../formula/order-statistics.ts";
import { defineSparsifier } from "./define.ts";
import { flag, notNegative } from "./parameters.ts";
import { rescaledBySum } from "./rescaling.ts";

/** Keeps the elements of middling magnitude. */
export const outliers = defineSparsifier({
  name: "outliers",
  summary: "Drops the elements of largest magnitude, and of the others the smallest.",
  formula:
    "by ascending |d|: the last ⌊γ·n⌋ are dropped, but no more than n - ⌊p·n⌋; of the others the last ⌊p·n⌋ are kept; rescale: times Σ|d| / Σ|kept|",
  reference: "https://arxiv.org/abs/2312.06795",
  differences: [
    "Where ⌊γ·n⌋ is 0, mergekit drops the whole tensor; here nothing counts as too large then.",
    "mergekit leaves it to its sort which of equal magnitudes are kept; here all that are equal at either end are.",
    "The paper drops the share β of the largest elements (γ here) and keeps those above the smallest share γ (1-γ-p here).",
  ],
  parameters: {
    reserve: notNegative(0.9, "The share of elements to keep."),
    gamma: notNegative(0.01, "The share of elements that are dropped for being the largest."),
    rescale: flag(false, "Enlarge what is kept, so that the sum of magnitudes stays what it was."),
  },
  sparsify(d, { reserve, gamma, rescale }) {
    const kept = (elements: number): number => Math.min(elements, Math.trunc(reserve * elements));
    const large = (elements: number): number =>
      Math.min(elements - kept(elements), Math.trunc(gamma * elements));
    const [least, most] = orderStatisticsOfMagnitudes(d, [
      // Past the last, and so infinite, when nothing is kept.
      (elements) => (kept(elements) > 0 ? elements - large(elements) - kept(elements) : elements),
      (elements) => elements - large(elements) - 1,
    ]);
    const mask = d.abs().lt(least).or(d.abs().gt(most)).not();
    return { kept: mask, value: rescale ? rescaledBySum(d, mask) : d };
  },
});
