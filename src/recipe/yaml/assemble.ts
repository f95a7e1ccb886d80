import type { AppliedMethod, Combination } from "../../methods/formula.ts";
import type { RecipeMethod, RecipeStep } from "../../methods/recipe-methods.ts";
import type { ModelReference, Recipe } from "../recipe.ts";
import type { Slice, SliceSource } from "../slice.ts";
import { type Cast, castOf, type Located, sameModel } from "./cast.ts";
import type { Complaints } from "./complaints.ts";
import { stepParameters } from "./declared.ts";
import type { MergeDocument } from "./document.ts";
import { namedModels } from "./named-models.ts";
import { refuseUnset } from "./required.ts";
import { rulesOf } from "./rules.ts";
import type { Source } from "./stacks.ts";

/** What a recipe file says of a merge; the rest of a recipe comes from flags. */
export type FileRecipe = Pick<
  Recipe,
  "models" | "base" | "combination" | "rules" | "slices" | "donor" | "dtype" | "reconcile"
>;

/** The recipe that a document makes, its models found; undefined when it names no method, or nothing to merge. */
export function assemble(
  document: MergeDocument,
  located: Located,
  complaints: Complaints,
): FileRecipe | undefined {
  const { method, stacks, dtype } = document;
  const first = stacks[0]?.sources[0];
  if (method === undefined || first === undefined) return undefined;
  const casts = stacks.map((stack) => castOf(stack, document, method, located, complaints));
  refuseUnset(document, casts, method, complaints);

  const reference = ({ model }: Source): ModelReference => located.get(model)!;
  const models = distinct(casts.flatMap(({ merged }) => merged.map(reference)));
  const baseSource = casts.find(({ base }) => base !== undefined)?.base;
  const base = baseSource && reference(baseSource);
  const donor = located.get(document.base ?? first.model)!;
  tellOverrides(document, donor, located, complaints);
  const rules = rulesOf(document, casts);
  const leading = base ?? models[0];
  return {
    models,
    ...(base && { base }),
    combination: combinationOf(method),
    reconcile: true,
    ...(rules.length > 0 && { rules }),
    ...(document.isSliced && { slices: casts.map((cast) => sliceOf(cast, located)) }),
    ...(leading !== undefined && !sameModel(donor, leading) && { donor }),
    ...(dtype && { dtype }),
  };
}

function distinct(references: readonly ModelReference[]): readonly ModelReference[] {
  const byText = new Map(references.map((reference) => [JSON.stringify(reference), reference]));
  return [...byText.values()];
}

function sliceOf({ merged, base }: Cast, located: Located): Slice {
  const sourceOf = ({ model, range }: Source): SliceSource => ({
    model: located.get(model)!,
    firstLayer: range?.[0] ?? 0,
  });
  const [start, end] = merged[0]?.range ?? [0, 0];
  return { layers: end - start, sources: merged.map(sourceOf), ...(base && { base: sourceOf(base) }) };
}

/** The method's steps with all values that a recipe need not set. */
function combinationOf(method: RecipeMethod): Combination {
  return {
    ...(method.sparsify && { sparsify: appliedStep(method, "sparsify", method.sparsify) }),
    merge: appliedStep(method, "merge", method.merge),
  };
}

function appliedStep(method: RecipeMethod, name: "sparsify" | "merge", step: RecipeStep): AppliedMethod {
  const declared = Object.entries(stepParameters(method, name));
  const values = new Map(declared.map(([key, parameter]) => [key, parameter.default]));
  const parameters = Object.values(method.parameters).filter((parameter) => parameter.step === name);
  const defaults = parameters.flatMap(({ parameter, default: value }) =>
    value === undefined ? [] : [[parameter, value]],
  );
  const required = parameters.filter((parameter) => parameter.default === undefined);
  for (const { parameter } of required) values.delete(parameter);
  return {
    method: step.method,
    parameters: { ...Object.fromEntries(values), ...step.values, ...Object.fromEntries(defaults) },
  };
}

/** An architecture's name decides nothing here but what the output's config.json says, which the donor's does. */
function tellOverrides(
  document: MergeDocument,
  donor: ModelReference,
  located: Located,
  complaints: Complaints,
): void {
  for (const model of namedModels(document)) {
    if (model.override === undefined) continue;
    if (sameModel(located.get(model)!, donor))
      complaints.refuse(model.override, {
        code: "request/not-available",
        message: "override_architecture of the model whose config.json the output gets is not available yet",
        hint: "leave it out: tensors are matched by name; edit architectures in the output's config.json",
      });
    else
      complaints.notice(model.override, "override_architecture has no effect: tensors are matched by name");
  }
}
