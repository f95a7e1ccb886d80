import type { Problem } from "../errors.ts";
import type {
  Method,
  NumberParameter,
  Parameter,
  ParameterValue,
  ParameterValues,
} from "../methods/define.ts";
import { boundsText, isWithin } from "./bounds.ts";
import type { Bounds } from "./bounds.ts";
import { nothingFound } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { flags } from "./flags.ts";
import type { FlagName } from "./flags.ts";
import { defaultOf } from "./read-flags.ts";
import type { FlagReading } from "./read-flags.ts";
import { showValue } from "./show-value.ts";

/** The values of all of a method's parameters; those that were refused among them. */
export interface ParameterReading extends Findings {
  readonly values: ParameterValues;
}

/**
 * The parameters of `method` from the flags, each checked against what the method declares.
 * @param models how many there are; 0 when that is not known, and then no list's length is wrong.
 */
export function readParameters(
  method: Method | undefined,
  reading: FlagReading,
  models: number,
): ParameterReading {
  if (method === undefined) return { values: {}, ...nothingFound };
  const count = models === 0 ? (reading.values.weight_list?.length ?? 0) : models;
  const values: Record<string, ParameterValue> = {};
  const problems: Problem[] = [];
  for (const [name, parameter] of Object.entries(method.parameters)) {
    const key = flagOf(name);
    const given = key === undefined || !reading.given.has(key) ? undefined : reading.values[key];
    const value = (given as ParameterValue | undefined) ?? defaultValue(parameter, count);
    values[name] = value;
    problems.push(...wrongValue(parameter, value, count, key ?? name));
  }
  const shares = equalShares(method, reading);
  const complete = { ...values, ...shares.values };
  return {
    values: complete,
    problems: [...problems, ...impossibleSum(complete)],
    notices: [...shares.notices, ...idleFlags(method, reading)],
  };
}

/** The flag that sets the parameter called `name`. */
export function flagOf(name: string): FlagName | undefined {
  for (const [key, flag] of flags) if (flag.parameter === name) return key;
  return undefined;
}

function defaultValue(parameter: Parameter, models: number): ParameterValue {
  return parameter.kind === "per-model"
    ? Array.from({ length: models }, () => parameter.default)
    : parameter.default;
}

/** Without weights every model weighs the same and the weights are normalised, whatever `normalize` says. */
function equalShares(
  method: Method,
  { given, values }: FlagReading,
): { readonly values: ParameterValues; readonly notices: readonly string[] } {
  const applies = "weight" in method.parameters && "normalize" in method.parameters;
  if (!applies || given.has("weight_list")) return { values: {}, notices: [] };
  const overruled = given.has("normalize") && !values.normalize;
  const notice = "normalize false has no effect without weight_list: equal weights are always normalised.";
  return { values: { normalize: true }, notices: overruled ? [notice] : [] };
}

function wrongValue(
  parameter: Parameter,
  value: ParameterValue,
  models: number,
  key: string,
): readonly Problem[] {
  const wanted = wantedInstead(parameter, value, models);
  if (wanted === undefined) return [];
  return [{ code: "request/invalid-value", key, message: `expected ${wanted}` }];
}

/** What the parameter accepts and what it got instead, or undefined when `value` is accepted. */
function wantedInstead(parameter: Parameter, value: ParameterValue, models: number): string | undefined {
  if (parameter.kind === "per-model") {
    const count = Array.isArray(value) ? value.length : 0;
    return count === models ? undefined : `one number for each of the ${models} models, got ${count}`;
  }
  const got = `got ${showValue(value)}`;
  if (parameter.kind === "number") {
    const bounds = boundsOf(parameter);
    return isWithin(bounds, Number(value)) ? undefined : `a number ${boundsText(bounds)}, ${got}`;
  }
  if (parameter.kind === "choice") {
    const known = parameter.choices.some((choice) => choice === value);
    return known ? undefined : `one of ${parameter.choices.join(", ")}, ${got}`;
  }
  return typeof value === "boolean" ? undefined : `true or false, ${got}`;
}

/** The range that a parameter declares. */
export function boundsOf({ minimum, maximum, exclusiveMinimum = false }: NumberParameter): Bounds {
  return { maximum, ...(exclusiveMinimum ? { above: minimum } : { minimum }) };
}

/** Weights that cannot be normalised: their sum is nothing but rounding, or overflows. */
function impossibleSum({ weight, normalize }: ParameterValues): readonly Problem[] {
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

/** Notices for flags that were set to something, and of which the method takes none. */
function idleFlags(method: Method, { given, values }: FlagReading): readonly string[] {
  return [...flags.values()]
    .filter(({ parameter }) => parameter !== undefined && !(parameter in method.parameters))
    .filter((flag) => given.has(flag.name as FlagName))
    .filter((flag) => values[flag.name as FlagName] !== defaultOf(flag))
    .map((flag) => `${flag.name} has no effect on ${method.name}.`);
}
