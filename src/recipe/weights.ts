import type { Problem } from "../errors.ts";
import type { Method } from "../methods/define.ts";
import type { ParameterValues } from "../methods/parameters.ts";
import type { FlagReading } from "./read-flags.ts";
import { showValue } from "./show-value.ts";

/** Without weights every model weighs the same and the weights are normalised, whatever `normalize` says. */
export function equalShares(
  method: Method,
  { given, values }: FlagReading,
): { readonly values: ParameterValues; readonly notices: readonly string[] } {
  const applies = "weight" in method.parameters && "normalize" in method.parameters;
  if (!applies || given.has("weight_list")) return { values: {}, notices: [] };
  const overruled = given.has("normalize") && !values.normalize;
  const notice = "normalize false has no effect without weight_list: equal weights are always normalised.";
  return { values: { normalize: true }, notices: overruled ? [notice] : [] };
}

/** Weights that cannot be normalised: their sum is nothing but rounding, or overflows. */
export function impossibleSum({ weight, normalize }: ParameterValues): readonly Problem[] {
  if (!Array.isArray(weight) || weight.length === 0 || normalize !== true) return [];
  const weights: readonly number[] = weight;
  const sum = weights.reduce((total, one) => total + one, 0);
  const magnitude = weights.reduce((total, one) => total + Math.abs(one), 0);
  // Each addition errs by at most half of EPSILON times what it adds up: 0.1 + 0.2 - 0.3 is meant to be 0.
  const rounding = weights.length * Number.EPSILON * magnitude;
  if (Math.abs(sum) > rounding && Number.isFinite(sum)) return [];
  const message = `the weights ${showValue(weights)} add up to ${sum}, by which normalize would divide`;
  return [
    {
      code: "request/invalid-value",
      key: "weight_list",
      message,
      hint: "change a weight, or leave normalize out",
    },
  ];
}
