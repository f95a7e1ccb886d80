import type { Mask, Tensor } from "../formula/builder.ts";
import type { Observation } from "../formula/lower.ts";
import type { ParameterValue, Parameters, ValuesOf } from "./parameters.ts";

/** How many models a method takes. */
export interface ModelCount {
  readonly minimum: number;
  readonly maximum?: number;
}

/**
 * What a recipe's base model is to a method: what differences are taken to, the first of the models merged, or one of
 * the models like any other.
 */
export type BaseRole = "difference" | "first" | "listed";

/** A parameter of a method as recipes call it. */
export interface RecipeKey<Name extends string = string> {
  /** The method's own name for it. */
  readonly sets: Name;
  /** What it is where a recipe leaves it out; absent: what the method declares. */
  readonly default?: ParameterValue;
  /** Whether a recipe may not leave it out. */
  readonly required?: boolean;
}

/** How recipes call a method that goes by its own name in them, as mergekit does. */
export interface RecipeCall<Name extends string = string> {
  readonly base: BaseRole;
  readonly needsBase: boolean;
  /** How many models; absent: as many as the method takes. */
  readonly models?: ModelCount;
  /** By their names in recipes. */
  readonly parameters: Readonly<Record<string, RecipeKey<Name>>>;
  /** Parameters that mergekit takes and that change nothing, with the reason. */
  readonly idle?: Readonly<Record<string, string>>;
}

/** What is told about a method or a sparsifier, in help and in `docs/methods.md`. */
interface Facts<P extends Parameters> {
  readonly name: string;
  /** What it computes, in one sentence of plain words. */
  readonly summary: string;
  /** The formula in the notation of `docs/methods.md`. */
  readonly formula: string;
  /** Address of the paper or page that defines it. */
  readonly reference: string;
  /** How other tools' arithmetic under the same name differs, a sentence each. */
  readonly differences: readonly string[];
  readonly parameters: P;
  /** What is wrong with values that are each within their range; undefined when nothing is. */
  conflict?(values: ValuesOf<P>): string | undefined;
}

/** A tensor, and values of it that are worth reporting. */
export interface Merged {
  readonly tensor: Tensor;
  readonly observations: readonly Observation[];
}

/** A way to make one tensor of several. */
export interface Method<P extends Parameters = Parameters> extends Facts<P> {
  readonly models: ModelCount;
  /** Absent when recipes know it only together with a sparsifier. */
  readonly recipe?: RecipeCall;
  /** The merged tensor, from the models' tensors or, with a base, from their differences to it. */
  merge(tensors: readonly Tensor[], values: ValuesOf<P>): Tensor | Merged;
  /** Whether a model that is alone comes out as it is. Absent where several are needed: one is left as it is. */
  keepsOne?(values: ValuesOf<P>): boolean;
}

/** A tensor of which only some elements are kept. */
export interface Sparsified {
  readonly kept: Mask;
  /** The kept elements' values; elsewhere it is not used. */
  readonly value: Tensor;
}

/** A way to thin out one model's tensor before it is merged. */
export interface Sparsifier<P extends Parameters = Parameters> extends Facts<P> {
  /**
   * @param tensor the model's tensor or, with a base, its difference to it.
   * @param model the model's number among all that are merged, which its random numbers depend on.
   */
  sparsify(tensor: Tensor, values: ValuesOf<P>, model: number): Sparsified;
}

/** The method itself, its parameters' types checked against its formula, and their names against what recipes set. */
export function defineMethod<const P extends Parameters>(
  method: Method<P> & { readonly recipe?: RecipeCall<NoInfer<keyof P & string>> },
): Method<P> {
  return method;
}

/** The sparsifier itself, its parameters' types checked against its formula. */
export function defineSparsifier<const P extends Parameters>(sparsifier: Sparsifier<P>): Sparsifier<P> {
  return sparsifier;
}

export function atLeast(minimum: number): ModelCount {
  return { minimum };
}

export function exactly(count: number): ModelCount {
  return { minimum: count, maximum: count };
}
