import { random } from "../formula/builder.ts";
import { defineSparsifier } from "./define.ts";
import { flag, share } from "./parameters.ts";

/** Keeps elements at random. */
export const dare = defineSparsifier({
  name: "dare",
  summary: "Keeps each element with the same probability, whatever the others do.",
  formula: "each element is kept with probability p; rescale: divided by p",
  reference: "https://arxiv.org/abs/2311.03099",
  differences: [
    "mergekit rescales so that the sum of magnitudes stays what it was; the paper, PaddleNLP and this divide by p.",
    "Masks depend on seed, tensor name, position of the model and of the element, and on nothing else; in the others they depend on the order of the work.",
  ],
  parameters: {
    reserve: share(0.7, "The probability with which an element is kept."),
    rescale: flag(
      true,
      "Divide what is kept by that probability, so that the expected value stays what it was.",
    ),
  },
  sparsify: (d, { reserve, rescale }, model) => ({
    kept: random(model).lt(reserve),
    value: rescale ? d.div(reserve) : d,
  }),
});
