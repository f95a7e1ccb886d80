import { random, rankByMagnitude, rowRankByMagnitude, type Tensor } from "../formula/builder.ts";
import { defineSparsifier } from "./define.ts";
import { choice, flag, notNegative } from "./parameters.ts";
import { rescaledBySum } from "./rescaling.ts";

/** How far a probability may be from the one of the exact rank; a tenth less than is promised, for rounding. */
const PROBABILITY_TOLERANCE = 0.9e-4;

/** Keeps elements at random, larger ones with higher probability. */
export const magprune = defineSparsifier({
  name: "magprune",
  summary: "Keeps elements at random, the larger the more probably.",
  formula:
    "r = rank by |d|, the largest 0; drop probability q = (1-p) - ε/2 + ε·r/n; rescale: divided by 1-q, or by sum times Σ|d| / Σ|kept|",
  reference: "https://arxiv.org/abs/2406.11617",
  differences: [
    "mergekit ranks within rows, from the smallest, 0, to the largest, 1, with a window of ±ε, and rescales by sum; so do recipes.",
    "PaddleNLP ranks the whole tensor as this does, but leaves equal magnitudes to an unstable sort; here they share the mean of their ranks.",
  ],
  parameters: {
    reserve: notNegative(0.7, "The probability with which an element of middling magnitude is kept."),
    epsilon: notNegative(0.14, "How much more probably the largest element is kept than the smallest."),
    ranking: choice(
      ["tensor", "row"],
      "Where an element is ranked: among all of the tensor, r/n, or in its row, from 0 to 1.",
    ),
    width: notNegative(1, "The same in units of epsilon: 2 for probabilities from p - ε to p + ε."),
    wholesale: flag(
      false,
      "A probability of 0 drops everything, and one of 1 or more keeps everything, whatever epsilon is.",
    ),
    rescale: flag(true, "Enlarge what is kept, to make up for what is dropped."),
    rescaling: choice(
      ["probability", "sum"],
      "How it is enlarged: each element divided by its probability, so that its expected value stays what it was, or all of them, so that the sum of magnitudes does.",
    ),
  },
  conflict({ reserve, epsilon, width, wholesale }) {
    if (isWhole(reserve, wholesale)) return undefined;
    const reach = (epsilon * width) / 2;
    const [least, most] = [reserve - reach, reserve + reach];
    if (least > 0 && most < 1) return undefined;
    const range = [least, most].map((probability) => Number(probability.toPrecision(6))).join(" to ");
    return `reserve_p ${reserve} with epsilon ${epsilon} keeps elements with probabilities of ${range}; all must be above 0 and below 1`;
  },
  sparsify(d, { reserve, epsilon, ranking, width, wholesale, rescale, rescaling }, model) {
    if (isWhole(reserve, wholesale)) return { kept: random(model).lt(reserve), value: d };
    const spread = epsilon * width;
    const rank = ranking === "row" ? fallingInRow(d) : rankByMagnitude(d, PROBABILITY_TOLERANCE / spread);
    const probability = rank.mul(-spread).add(reserve + spread / 2);
    const kept = random(model).lt(probability);
    if (!rescale) return { kept, value: d };
    return { kept, value: rescaling === "sum" ? rescaledBySum(d, kept) : d.div(probability) };
  },
});

/** Whether the probability is the same for all elements, 0 or 1. */
function isWhole(reserve: number, wholesale: boolean): boolean {
  return wholesale && (reserve === 0 || reserve >= 1);
}

/** Each element's rank in its row, from 0 for the largest to 1 for the smallest. */
function fallingInRow(d: Tensor): Tensor {
  return rowRankByMagnitude(d).neg().add(1);
}
