import type { ModelCount } from "./define.ts";
import { atLeast, exactly } from "./define.ts";
import { linear } from "./linear.ts";
import type { ParameterValue, ParameterValues } from "./parameters.ts";
import { slerp } from "./slerp.ts";
import { ties } from "./ties.ts";
import { trim } from "./trim.ts";

/**
 * What a recipe's base model is to a method: what differences are taken to, the first of the models merged, or one of
 * the models like any other.
 */
export type BaseRole = "difference" | "first" | "listed";

/** A step of a method that recipes name, with the values by which this step does what mergekit does. */
export interface RecipeStep {
  readonly method: string;
  readonly values: ParameterValues;
}

/** A parameter under the name it has in recipes. */
export interface RecipeParameter {
  readonly step: "sparsify" | "merge";
  /** The step's parameter that it sets. */
  readonly parameter: string;
  /** Whether each model has a value of its own. */
  readonly perModel: boolean;
  /** Absent when a recipe must set it. */
  readonly default?: ParameterValue;
}

/** A method as recipes know it: mergekit's semantics, put together from this project's steps. */
export interface RecipeMethod {
  /** The value of `merge_method`. */
  readonly name: string;
  readonly sparsify?: RecipeStep;
  readonly merge: RecipeStep;
  readonly base: BaseRole;
  readonly needsBase: boolean;
  /** How many models it takes, the base not counted when differences to it are taken. */
  readonly models: ModelCount;
  /** By their names in recipes. */
  readonly parameters: Readonly<Record<string, RecipeParameter>>;
  /** Parameters that mergekit takes and that change nothing, with the reason. */
  readonly idle?: Readonly<Record<string, string>>;
  /** Address of the paper or page that defines it. */
  readonly reference: string;
}

const weight: RecipeParameter = { step: "merge", parameter: "weight", perModel: true };

/** The methods of recipes by name, as mergekit knows them. Adding one is adding its line here. */
export const recipeMethods: ReadonlyMap<string, RecipeMethod> = new Map(
  [
    {
      name: "linear",
      merge: { method: linear.name, values: {} },
      base: "listed",
      needsBase: false,
      models: atLeast(1),
      parameters: {
        weight,
        normalize: { step: "merge", parameter: "normalize", perModel: false, default: true },
      },
      reference: linear.reference,
    } as const,
    {
      name: "slerp",
      merge: { method: slerp.name, values: {} },
      base: "first",
      needsBase: true,
      models: exactly(2),
      parameters: { t: { step: "merge", parameter: "alpha", perModel: false } },
      reference: slerp.reference,
    } as const,
    {
      name: "ties",
      sparsify: { method: trim.name, values: {} },
      merge: { method: ties.name, values: {} },
      base: "difference",
      needsBase: true,
      models: atLeast(1),
      parameters: {
        weight,
        density: { step: "sparsify", parameter: "reserve", perModel: true, default: 1 },
        normalize: { step: "merge", parameter: "normalize", perModel: false, default: true },
        rescale: { step: "sparsify", parameter: "rescale", perModel: false, default: false },
      },
      reference: ties.reference,
    } as const,
  ].map((method: RecipeMethod) => [method.name, method]),
);
