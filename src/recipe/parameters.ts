import type { Problem } from "../errors.ts";
import type { Method, Sparsifier } from "../methods/define.ts";
import {
  type NumberParameter,
  type Parameter,
  type ParameterValue,
  type ParameterValues,
  withDefaults,
} from "../methods/parameters.ts";
import { type Bounds, boundsText, isWithin } from "./bounds.ts";
import { flags, type FlagName } from "./flags.ts";
import type { FlagReading } from "./read-flags.ts";
import { showValue } from "./show-value.ts";

/** The values of a method's parameters that have a flag, those that were refused among them; others are at their defaults. */
export interface ParameterReading {
  readonly values: ParameterValues;
  readonly problems: readonly Problem[];
}

/**
 * The parameters of `method` from the flags, each checked against what the method declares.
 * @param models how many there are; 0 when that is not known, and then no list's length is wrong.
 */
export function readParameters(
  method: Method | Sparsifier,
  reading: FlagReading,
  models: number,
): ParameterReading {
  const count = models === 0 ? (reading.values.weight_list?.length ?? 0) : models;
  const values: Record<string, ParameterValue> = {};
  const problems: Problem[] = [];
  let allRead = true;
  for (const [name, parameter] of Object.entries(method.parameters)) {
    const key = flagOf(name);
    if (key === undefined) continue;
    const given = reading.given.has(key) ? reading.values[key] : undefined;
    const value = (given as ParameterValue | undefined) ?? defaultValue(parameter, count);
    values[name] = value;
    problems.push(...wrongValue(parameter, value, count, key));
    allRead &&= !reading.problems.some((problem) => problem.key === key);
  }
  // A value that was refused, and the default in its place, are in no conflict of the user's making.
  const conflict =
    allRead && problems.length === 0
      ? method.conflict?.(withDefaults(method.parameters, values, count))
      : undefined;
  if (conflict !== undefined) problems.push({ code: "request/invalid-value", message: conflict });
  return { values, problems };
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
