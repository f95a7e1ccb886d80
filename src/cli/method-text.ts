import {
  flags,
  type Method,
  methods,
  type Pair,
  type Parameter,
  type Sparsifier,
  sparsifiers,
} from "../index.ts";

/** What the letters of all formulas stand for. */
export const notation =
  "In formulas, dᵢ is model i's tensor or, with a base, its difference to the base's, which is added to the result; " +
  "wᵢ is the model's weight, n the number of elements of a tensor; p is reserve_p, ε is epsilon, α is slerp_alpha.";

/** The sentence that the parts of pairs go together in all other ways too. */
export function combinationsText(): string {
  const [thinning, merging] = [sparsifiers, methods].map((rules) => [...rules.keys()].join(", "));
  return `Any --sparsify_type (none, ${thinning}) goes with any --merge_type (${merging}).`;
}

/** What a pair is made of: `trim + ties`. */
export function partsText({ sparsify, merge }: Pair): string {
  return sparsify === undefined ? merge : `${sparsify} + ${merge}`;
}

/** What a pair computes: its parts' sentences. */
export function pairSummary({ sparsify, merge }: Pair): string {
  const thinning = sparsify === undefined ? undefined : sparsifiers.get(sparsify);
  return [thinning, methods.get(merge)].flatMap((rule) => rule?.summary ?? []).join(" ");
}

/** How many models a method takes: `2 or more`; a sparsifier takes each alone. */
export function modelsText(rule: Method | Sparsifier): string {
  if (!("models" in rule)) return "each alone";
  const { minimum, maximum } = rule.models;
  if (maximum === undefined) return `${minimum} or more`;
  return minimum === maximum ? String(minimum) : `${minimum} to ${maximum}`;
}

/** The flag that sets the parameter called `name`, or the name itself where there is none. */
export function flagText(name: string): string {
  for (const flag of flags.values()) if (flag.parameter === name) return `--${flag.name}`;
  return name;
}

/** The values that a parameter accepts. */
export function valuesText(parameter: Parameter): string {
  if (parameter.kind === "per-model") return "a number for each model";
  if (parameter.kind === "choice") return parameter.choices.join(" or ");
  if (parameter.kind === "flag") return "true or false";
  const { minimum, maximum, exclusiveMinimum } = parameter;
  const lower = minimum === undefined ? "" : exclusiveMinimum ? ` above ${minimum}` : ` from ${minimum}`;
  return `a number${lower}${maximum === undefined ? "" : ` up to ${maximum}`}`;
}
