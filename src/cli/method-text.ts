import {
  flags,
  type Method,
  methods,
  type Pair,
  type Parameter,
  parts,
  recipeMethods,
  type RecipeMethod,
  type Sparsifier,
  sparsifiers,
} from "../index.ts";

/** What the letters of all formulas stand for. */
export const notation =
  "In formulas, dᵢ is model i's tensor or, with a base, its difference to the base's, which is added to the result; " +
  "wᵢ is the model's weight, n the number of elements of a tensor, N that of the models; p is reserve_p or a recipe's density, " +
  "ε is epsilon, γ is gamma, λ is scale or a recipe's lambda, α is slerp_alpha, a recipe's t, or alpha.";

/** The sentence that the parts of pairs go together in all other ways too. */
export function combinationsText(): string {
  const [thinning, merging] = [parts.sparsifiers, parts.methods].map((names) => names.join(", "));
  return `Any --sparsify_type (none, ${thinning}) goes with any --merge_type (${merging}).`;
}

/** What a pair is made of: `trim + ties`. */
export function partsText({ sparsify, merge }: Pair): string {
  return sparsify === undefined ? merge : `${sparsify} + ${merge}`;
}

/** What a pair computes: its parts' sentences. */
export function pairSummary({ sparsify, merge }: Pair): string {
  return summaryOf(sparsify, merge);
}

/** What a method of recipes computes: its steps' sentences. */
export function recipeSummary({ sparsify, merge }: RecipeMethod): string {
  return summaryOf(sparsify?.method, merge.method);
}

function summaryOf(sparsify: string | undefined, merge: string): string {
  const thinning = sparsify === undefined ? undefined : sparsifiers.get(sparsify);
  return [thinning, methods.get(merge)].flatMap((rule) => rule?.summary ?? []).join(" ");
}

/** Whether flags can name it, and not recipes alone. */
export function isForFlags({ name }: Method | Sparsifier): boolean {
  return parts.sparsifiers.includes(name) || parts.methods.includes(name);
}

/** The name by which a parameter of `rule` is set: a flag's, or a recipe's where flags can't name the rule. */
export function parameterText(rule: Method | Sparsifier, parameter: string): string {
  if (isForFlags(rule)) return flagText(parameter);
  const keys = Object.entries(recipeMethods.get(rule.name)?.parameters ?? {});
  return keys.find(([, called]) => called.parameter === parameter)?.[0] ?? parameter;
}

/** How many models a method takes: `2 or more`; a sparsifier takes each alone. */
export function modelsText(rule: Method | Sparsifier): string {
  return "models" in rule ? countText(rule.models) : "each alone";
}

/** A number of models: `1 to 2`. */
export function countText({ minimum, maximum }: RecipeMethod["models"]): string {
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
