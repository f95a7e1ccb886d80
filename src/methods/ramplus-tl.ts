import { count, host, type Scalar, total, where } from "../formula/builder.ts";
import { atLeast, defineMethod } from "./define.ts";
import { notNegative, number } from "./parameters.ts";
import { activeIn, numberOf } from "./ram.ts";

/** Like ram, with what only one model changed enlarged where that model shares much with others. */
export const ramplusTl = defineMethod({
  name: "ramplus_tl",
  summary: "Like ram; what only one model changed is enlarged, the more the more that model shares.",
  formula:
    "as ram; a dᵢ that is active alone is multiplied by 1 + r·min(α, shared / unique), the numbers of elements in this tensor that model i changed with others and alone",
  reference: "https://arxiv.org/abs/2601.13572",
  differences: [
    "The paper counts over the whole model; here as in mergekit over each tensor, hence the name's tl.",
  ],
  models: atLeast(1),
  parameters: {
    epsilon: notNegative(1e-5, "The difference up to which an element is unchanged."),
    r: number(0.1, "How much is added per unit of shared / unique."),
    alpha: notNegative(0.2, "The ratio shared / unique above which it does not count further."),
  },
  recipe: {
    base: "difference",
    needsBase: true,
    parameters: { epsilon: { sets: "epsilon" }, r: { sets: "r" }, alpha: { sets: "alpha" } },
  },
  merge(tensors, { epsilon, r, alpha }) {
    const active = activeIn(tensors, epsilon);
    const number = numberOf(active);
    const alone = number.eq(1);
    const gain = (shared: number, unique: number): number =>
      1 + r * Math.min(alpha, shared / Math.max(unique, 1));
    const gains = active.map((mask): Scalar =>
      host(gain, count(mask.and(alone.not())), count(mask.and(alone))),
    );
    const values = tensors.map((d, model) => where(alone, d.mul(gains[model]!), d));
    return total(values.map((value, model) => where(active[model]!, value, 0))).div(number.max(1));
  },
});
