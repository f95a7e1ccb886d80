import { random, rankByMagnitude } from "../formula/builder.ts";
import { defineSparsifier } from "./define.ts";
import { flag, notNegative, share } from "./parameters.ts";

/** How far a probability may be from the one of the exact rank; a tenth less than is promised, for rounding. */
const PROBABILITY_TOLERANCE = 0.9e-4;

/** Keeps elements at random, larger ones with higher probability. */
export const magprune = defineSparsifier({
  name: "magprune",
  summary: "Keeps elements at random, the larger the more probably.",
  formula:
    "r = rank by |d|, the largest 0; drop probability q = (1-p) - ε/2 + ε·r/n; rescale: divided by 1-q",
  reference: "https://arxiv.org/abs/2406.11617",
  differences: [
    "mergekit ranks within rows, with a window of ±ε, and rescales by the sum of magnitudes.",
    "PaddleNLP ranks the whole tensor as this does, but leaves equal magnitudes to an unstable sort; here they share the mean of their ranks.",
  ],
  parameters: {
    reserve: share(0.7, "The probability with which an element of middling magnitude is kept."),
    epsilon: notNegative(0.14, "How much more probably the largest element is kept than the smallest."),
    rescale: flag(
      true,
      "Divide each kept element by its probability, so that its expected value stays what it was.",
    ),
  },
  conflict({ reserve, epsilon }) {
    const [least, most] = [reserve - epsilon / 2, reserve + epsilon / 2];
    if (least > 0 && most < 1) return undefined;
    const range = [least, most].map((probability) => Number(probability.toPrecision(6))).join(" to ");
    return `reserve_p ${reserve} with epsilon ${epsilon} keeps elements with probabilities of ${range}; all must be above 0 and below 1`;
  },
  sparsify(d, { reserve, epsilon, rescale }, model) {
    const rank = rankByMagnitude(d, PROBABILITY_TOLERANCE / epsilon);
    const probability = rank.mul(-epsilon).add(reserve + epsilon / 2);
    return {
      kept: random(model).lt(probability),
      value: rescale ? d.div(probability) : d,
    };
  },
});
