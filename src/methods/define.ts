import type { Tensor } from "../formula/builder.ts";

/** A parameter's value; one number per model where the parameter says `per: "model"`. */
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
type ValuesOf<P extends Parameters> = { readonly [Name in keyof P]: ValueOf<P[Name]> };

/** How many models a method takes. */
export interface ModelCount {
  readonly minimum: number;
  readonly maximum?: number;
}

/** A way to make one tensor of several: the facts about it, and its formula. */
export interface Method<P extends Parameters = Parameters> {
  readonly name: string;
  /** What it computes, in one sentence of plain words. */
  readonly summary: string;
  /** The formula in the notation of `docs/methods.md`. */
  readonly formula: string;
  /** Address of the paper or page that defines it. */
  readonly reference: string;
  readonly models: ModelCount;
  readonly parameters: P;
  /** The merged tensor, from the models' tensors or, with a base, from their differences to it. */
  merge(tensors: readonly Tensor[], values: ValuesOf<P>): Tensor;
}

/** The method itself, its parameters' types checked against its formula. */
export function defineMethod<const P extends Parameters>(method: Method<P>): Method<P> {
  return method;
}

export function atLeast(minimum: number): ModelCount {
  return { minimum };
}

export function perModel(defaultValue: number, doc: string): PerModelParameter {
  return { kind: "per-model", default: defaultValue, doc };
}

export function flag(defaultValue: boolean, doc: string): FlagParameter {
  return { kind: "flag", default: defaultValue, doc };
}
