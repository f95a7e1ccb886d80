/** A parameter's value: one number per model where the parameter's kind is `per-model`. */
export type ParameterValue = number | boolean | string | readonly number[];
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

interface ParameterFacts {
  /** One sentence for help and reference pages. */
  readonly doc: string;
}

/** A number within a range. */
export interface NumberParameter extends ParameterFacts {
  readonly kind: "number";
  readonly default: number;
  /** Smallest value; `exclusiveMinimum` says whether it is itself refused. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
}

/** One finite number for each model. */
export interface PerModelParameter extends ParameterFacts {
  readonly kind: "per-model";
  readonly default: number;
}

export interface FlagParameter extends ParameterFacts {
  readonly kind: "flag";
  readonly default: boolean;
}

export interface ChoiceParameter extends ParameterFacts {
  readonly kind: "choice";
  readonly choices: readonly string[];
  readonly default: string;
}

export type Parameter = NumberParameter | PerModelParameter | FlagParameter | ChoiceParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

/** The value that a formula sees for a parameter. */
type ValueOf<P extends Parameter> = P extends PerModelParameter
  ? readonly number[]
  : P extends NumberParameter
    ? number
    : P extends FlagParameter
      ? boolean
      : string;

/** The values that a formula sees, by the parameters' names. */
export type ValuesOf<P extends Parameters> = { readonly [Name in keyof P]: ValueOf<P[Name]> };

export function perModel(defaultValue: number, doc: string): PerModelParameter {
  return { kind: "per-model", default: defaultValue, doc };
}

export function flag(defaultValue: boolean, doc: string): FlagParameter {
  return { kind: "flag", default: defaultValue, doc };
}

/** A number from 0 to 1, both included. */
export function ratio(defaultValue: number, doc: string): NumberParameter {
  return { kind: "number", default: defaultValue, minimum: 0, maximum: 1, doc };
}

/** A number above 0, up to 1. */
export function share(defaultValue: number, doc: string): NumberParameter {
  return { kind: "number", default: defaultValue, minimum: 0, exclusiveMinimum: true, maximum: 1, doc };
}

/** A number of 0 or more. */
export function notNegative(defaultValue: number, doc: string): NumberParameter {
  return { kind: "number", default: defaultValue, minimum: 0, doc };
}

export function choice(choices: readonly [string, ...string[]], doc: string): ChoiceParameter {
  return { kind: "choice", choices, default: choices[0], doc };
}

/** The values that a method sees: those given, and what it declares for the others. */
export function withDefaults(
  parameters: Parameters,
  given: ParameterValues,
  models: number,
): ParameterValues {
  const declared = Object.entries(parameters).map(([name, { kind, default: value }]) => [
    name,
    kind === "per-model" ? Array.from({ length: models }, () => value) : value,
  ]);
  return { ...Object.fromEntries(declared), ...given };
}

/** The values for one model: of a list its own number, of anything else the same for all. */
export function valuesOfModel(values: ParameterValues, model: number): ParameterValues {
  const own = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "object" ? value[model]! : value,
  ]);
  return Object.fromEntries(own);
}
