import { random } from "../formula/builder.ts";
import { defineSparsifier } from "./define.ts";
import { choice, flag, notNegative } from "./parameters.ts";
import { rescaledBySum } from "./rescaling.ts";

/** Keeps elements at random. */
export const dare = defineSparsifier({
  name: "dare",
  summary: "Keeps each element with the same probability, whatever the others do.",
  formula: "each element is kept with probability p; rescale: divided by p, or by sum times Σ|d| / Σ|kept|",
  reference: "https://arxiv.org/abs/2311.03099",
  differences: [
    "The paper and PaddleNLP divide by p, and so do flags; mergekit rescales by sum, and so do recipes.",
    "Masks depend on seed, tensor name, position of the model and of the element, and on nothing else; in the others they depend on the order of the work.",
  ],
  parameters: {
    reserve: notNegative(0.7, "The probability with which an element is kept."),
    rescale: flag(
      true,
      "Enlarge what is kept, so that the sum of all elements stays what it was, as far as chance goes.",
    ),
    rescaling: choice(
      ["probability", "sum"],
      "How it is enlarged: divided by that probability, or so that the sum of magnitudes is exactly what it was.",
    ),
  },
  sparsify(d, { reserve, rescale, rescaling }, model) {
    const kept = random(model).lt(reserve);
    if (!rescale) return { kept, value: d };
    return { kept, value: rescaling === "sum" ? rescaledBySum(d, kept) : d.div(Math.min(1, reserve)) };
  },
});
