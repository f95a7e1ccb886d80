import { type Mask, type Tensor, total, where } from "../formula/builder.ts";
import { atLeast, defineMethod } from "./define.ts";
import { notNegative } from "./parameters.ts";

/** The mean of the differences of the models that changed an element, and no others. */
export const ram = defineMethod({
  name: "ram",
  summary: "For each element the mean of the differences of those models that changed it.",
  formula: "aᵢ where |dᵢ| > ε; Σ of the active dᵢ divided by their number",
  reference: "https://arxiv.org/abs/2601.13572",
  differences: [],
  models: atLeast(1),
  parameters: { epsilon: notNegative(1e-5, "The difference up to which an element is unchanged.") },
  recipe: { base: "difference", needsBase: true, parameters: { epsilon: { sets: "epsilon" } } },
  merge(tensors, { epsilon }) {
    const active = activeIn(tensors, epsilon);
    const sum = total(tensors.map((d, model) => where(active[model]!, d, 0)));
    return sum.div(numberOf(active).max(1));
  },
});

/** Where each model changed an element by more than `epsilon`. */
export function activeIn(tensors: readonly Tensor[], epsilon: number): readonly Mask[] {
  return tensors.map((d) => d.abs().gt(epsilon));
}

/** How many of some masks hold, for each element. */
export function numberOf(masks: readonly Mask[]): Tensor {
  return total(masks.map((mask) => where(mask, 1, 0)));
}
