import { host, rowMax, rowSum, type Tensor, where } from "../formula/builder.ts";
import { exp, ln } from "../formula/exponential.ts";
import { orderStatisticsOfMagnitudes } from "../formula/order-statistics.ts";
import { defineMethod } from "./define.ts";

/** What is added to probabilities, none of which may be zero. Source: mergekit. */
const MIN_PROBABILITY = 1e-8;

/** How many ranges between the quartiles an element must be above the median to be taken. Source: mergekit. */
const RANGES = 1.5;

/** The first model with those elements of the second that matter most. */
export const arceeFusion = defineMethod({
  name: "arcee_fusion",
  summary: "The first model, with those elements of the second that differ much, in rows that differ much.",
  formula:
    "p, q = softmax of each row of d₂, d₁, plus 1e-8; s = |d₂ - d₁|·Σ p·ln(p/q) over the row; d₂ where s ≥ median + 1.5·(Q₃ - Q₁) of all s, else d₁",
  reference:
    "https://www.arcee.ai/blog/meet-mergekit-v0-1-arcee-fusion-expanded-model-support-multi-gpu-acceleration",
  differences: [
    "The quartiles are those of all elements; mergekit draws a million of a larger tensor, others in each run.",
    "mergekit writes float32 whatever the type of its inputs; here the output has the type of all other tensors.",
  ],
  models: { minimum: 1, maximum: 2 },
  parameters: {},
  recipe: { base: "first", needsBase: true, parameters: {} },
  merge([a, b]) {
    if (b === undefined) return a!;
    const [p, q] = [softmax(b), softmax(a!)];
    // Never below zero but for rounding.
    const divergence = host((sum) => Math.max(0, sum), rowSum(p.mul(ln(p.div(q)))));
    const importance = b.sub(a!).abs().mul(divergence);
    const [first, median, third] = orderStatisticsOfMagnitudes(importance, [
      (elements) => Math.trunc((elements - 1) / 4),
      (elements) => Math.trunc((elements - 1) / 2),
      (elements) => Math.trunc((3 * (elements - 1)) / 4),
    ]);
    const threshold = host((q1, q2, q3) => q2 + RANGES * (q3 - q1), first, median, third);
    return where(importance.ge(threshold), b, a!);
  },
});

/** Each row as probabilities. */
function softmax(x: Tensor): Tensor {
  const powers = exp(x.sub(rowMax(x)));
  return powers.div(rowSum(powers)).add(MIN_PROBABILITY);
}
