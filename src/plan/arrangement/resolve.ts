import type { Method, Sparsifier } from "../../methods/define.ts";
import type { AppliedMethod, Combination } from "../../methods/formula.ts";
import { methods, sparsifiers } from "../../methods/index.ts";
import {
  type Parameter,
  type ParameterValue,
  valuesOfModel,
  withDefaults,
} from "../../methods/parameters.ts";
import type { Recipe } from "../../recipe/recipe.ts";
import type { Rule, Setting } from "../../recipe/rule.ts";

/** Where a tensor stands, as rules ask for it. */
export interface Place {
  /** Its name in the output. */
  readonly output: string;
  /** Its name in each of the models merged, the base not among them. */
  readonly inputs: readonly string[];
  readonly slice: number;
  /** How deep in its slice, from 0 to 1. */
  readonly position: number;
}

/** A parameter that has no value at some place. */
export interface MissingValue {
  readonly method: string;
  readonly parameter: string;
  /** Number of the model that it is for; absent: it is for the tensor. */
  readonly source?: number;
}

export type Resolution =
  | { readonly combination: Combination }
  | { readonly missing: readonly MissingValue[] }
  | { readonly conflict: string };

/** Parameters of both steps, each with the value that the first rule gives it that applies, else the recipe's own. */
export class ParameterRules {
  private readonly combination: Combination;
  private readonly rules: readonly Rule[];
  /** Combinations by their text: a model's tensors share a few, and a large one has half a million tensors. */
  private readonly known = new Map<string, Resolution>();

  constructor({ combination, rules = [] }: Pick<Recipe, "combination" | "rules">) {
    this.combination = combination;
    this.rules = rules;
  }

  /** What is done at `place`, or the values that are missing for it. */
  resolve(place: Place): Resolution {
    const missing: MissingValue[] = [];
    const { sparsify, merge } = this.combination;
    const sparsifier = sparsify && sparsifiers.get(sparsify.method);
    const thinning = sparsify && this.stepAt(place, "sparsify", sparsify, sparsifier, missing);
    const merging = this.stepAt(place, "merge", merge, methods.get(merge.method), missing);
    if (missing.length > 0) return { missing };
    const combination = { ...(thinning && { sparsify: thinning }), merge: merging };
    const text = JSON.stringify(combination);
    const known = this.known.get(text) ?? withoutConflict(combination, place.inputs.length);
    this.known.set(text, known);
    return known;
  }

  private stepAt(
    place: Place,
    step: Rule["step"],
    { method, parameters: own }: AppliedMethod,
    declared: Method | Sparsifier | undefined,
    missing: MissingValue[],
  ): AppliedMethod {
    const parameters: Record<string, ParameterValue> = {};
    for (const [name, parameter] of Object.entries(declared?.parameters ?? {})) {
      // A value that no rule is about is the method's own.
      if (own[name] === undefined && !this.isRuled(step, name)) continue;
      const lack = (source?: number): void =>
        void missing.push({ method, parameter: name, ...(source !== undefined && { source }) });
      if (isPerModel(step, parameter)) {
        const values = place.inputs.map((_, source) => {
          const value = this.ruled(place, step, name, source) ?? ofModel(own[name], source);
          if (value === undefined) lack(source);
          return Number(value);
        });
        parameters[name] = parameter.kind === "per-model" ? values : inOne(values);
      } else {
        const value = this.ruled(place, step, name) ?? own[name];
        if (value === undefined) lack();
        else parameters[name] = parameter.kind === "flag" ? Boolean(value) : value;
      }
    }
    return { method, parameters };
  }

  private isRuled(step: Rule["step"], parameter: string): boolean {
    return this.rules.some((rule) => rule.step === step && rule.parameter === parameter);
  }

  /** The value of the first rule that applies; undefined when none does. */
  private ruled(
    { output, inputs, slice, position }: Place,
    step: Rule["step"],
    parameter: string,
    source?: number,
  ): Exclude<Setting, readonly number[]> | undefined {
    const name = source === undefined ? output : inputs[source]!;
    const rule = this.rules.find(
      (one) =>
        one.step === step &&
        one.parameter === parameter &&
        (one.slice === undefined || one.slice === slice) &&
        (one.source === undefined || one.source === source) &&
        (one.filter === undefined || name.includes(one.filter)),
    );
    if (rule === undefined) return undefined;
    return typeof rule.value === "object" ? gradientAt(rule.value, position) : rule.value;
  }
}

/** The value at a position from 0 to 1 of numbers that are spread evenly over it, straight lines between them. */
export function gradientAt(values: readonly number[], position: number): number | undefined {
  const at = position * (values.length - 1);
  const index = Math.trunc(at);
  const [left, right] = [values[index], values[Math.min(values.length - 1, index + 1)]];
  if (left === undefined || right === undefined) return undefined;
  return (1 - (at - index)) * left + (at - index) * right;
}

/** Whether each model has a value of its own: a sparsifier's numbers may differ from model to model. */
function isPerModel(step: Rule["step"], { kind }: Parameter): boolean {
  return kind === "per-model" || (step === "sparsify" && kind === "number");
}

/** A model's value, where there may be one for all. */
function ofModel(value: ParameterValue | undefined, source: number): ParameterValue | undefined {
  return Array.isArray(value) ? (value as readonly number[])[source] : value;
}

/** One number that all models have, else the list of them. */
function inOne(values: readonly number[]): ParameterValue {
  const [first] = values;
  return first !== undefined && values.every((value) => Object.is(value, first)) ? first : values;
}

function withoutConflict(combination: Combination, models: number): Resolution {
  const { sparsify, merge } = combination;
  const sparsifier = sparsify && sparsifiers.get(sparsify.method);
  const thinning = withDefaults(sparsifier?.parameters ?? {}, sparsify?.parameters ?? {}, models);
  const method = methods.get(merge.method);
  const merging = withDefaults(method?.parameters ?? {}, merge.parameters, models);
  const conflicts = [
    ...Array.from({ length: models }, (_, model) => sparsifier?.conflict?.(valuesOfModel(thinning, model))),
    method?.conflict?.(merging),
  ];
  const conflict = conflicts.find((message) => message !== undefined);
  return conflict === undefined ? { combination } : { conflict };
}
