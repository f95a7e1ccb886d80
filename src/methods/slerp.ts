import { dot, host, type Scalar } from "../formula/builder.ts";
import { defineMethod, exactly } from "./define.ts";
import { notNegative, ratio } from "./parameters.ts";

/** A point on the arc between two tensors. */
export const slerp = defineMethod({
  name: "slerp",
  summary: "A point on the arc from the first model to the second, the whole tensor taken as one vector.",
  formula:
    "c = cos θ = d₁·d₂ / |d₁||d₂|; sin((1-α)θ)/sin θ · d₁ + sin(αθ)/sin θ · d₂; for |c| above the threshold (1-α)·d₁ + α·d₂",
  reference: "https://en.wikipedia.org/wiki/Slerp",
  differences: [
    "mergekit takes the base as one of the two models, and mixes them directly; here a base is what differences are taken to.",
    "mergekit goes on beyond the models for t below 0 or above 1, which is refused here.",
    "PaddleNLP's norms overflow on float16 tensors; here they are sums of float64.",
  ],
  models: exactly(2),
  parameters: {
    alpha: ratio(0.5, "Where on the arc: 0 is the first model, 1 the second."),
    eps: notNegative(1e-8, "The norm up to which a tensor is taken for zero and not normalised."),
    dotThreshold: ratio(0.9995, "The cosine above which the arc is taken for a line."),
  },
  recipe: {
    base: "first",
    needsBase: true,
    models: { minimum: 1, maximum: 2 },
    parameters: { t: { sets: "alpha", required: true } },
  },
  merge([a, b], { alpha, eps, dotThreshold }) {
    if (b === undefined) return a!;
    const length = (squares: number): number => (Math.sqrt(squares) > eps ? Math.sqrt(squares) : 1);
    const cosine = host((ab, aa, bb) => ab / (length(aa) * length(bb)), dot(a!, b), dot(a!, a!), dot(b, b));
    const isLine = (c: number): boolean => Math.abs(c) > dotThreshold || Math.abs(c) >= 1;
    const arc = (s: number): Scalar =>
      host((c) => (isLine(c) ? s : Math.sin(s * Math.acos(c)) / Math.sin(Math.acos(c))), cosine);
    return {
      tensor: a!.mul(arc(1 - alpha)).add(b.mul(arc(alpha))),
      observations: [
        { name: "cosine", value: cosine },
        { name: "line", value: host((c) => Number(isLine(c)), cosine) },
      ],
    };
  },
});
