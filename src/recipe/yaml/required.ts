import type { RecipeMethod } from "../../methods/recipe-methods.ts";
import type { Cast } from "./cast.ts";
import type { Complaints } from "./complaints.ts";
import type { MergeDocument } from "./document.ts";
import type { ParameterSetting } from "./parameters.ts";
import type { Source } from "./stacks.ts";

/**
 * Complains of parameters that a recipe must set and that it sets nowhere, for each model that has none. Whether one
 * that is set with filters only reaches every tensor is known when the tensors are.
 * @param casts of the document's stacks, in their order.
 */
export function refuseUnset(
  document: MergeDocument,
  casts: readonly Cast[],
  method: RecipeMethod,
  complaints: Complaints,
): void {
  const everywhere = namesIn(document.parameters);
  const required = Object.entries(method.parameters).filter(
    ([name, parameter]) => parameter.default === undefined && !everywhere.has(name),
  );
  for (const [index, { parameters, sources, offset }] of document.stacks.entries()) {
    const here = namesIn(parameters);
    for (const [name, { perModel }] of required.filter(([parameter]) => !here.has(parameter))) {
      if (!perModel) {
        complaints.refuse(document.isSliced ? { offset } : document, {
          code: "request/missing-value",
          message: `${method.name} needs the parameter ${name}`,
          hint: `add ${name} to the parameters: of the recipe`,
        });
        continue;
      }
      const unset = casts[index]!.merged.filter((source) => !namesIn(source.parameters).has(name));
      for (const source of unset) refuseUnsetFor(source, name, method, !sources.includes(source), complaints);
    }
  }
}

function refuseUnsetFor(
  source: Source,
  name: string,
  method: RecipeMethod,
  isBaseBeside: boolean,
  complaints: Complaints,
): void {
  const why = isBaseBeside ? ", and merges the base like any other" : "";
  complaints.refuse(source, {
    code: "request/missing-value",
    message: `${name} is missing: ${method.name} needs one for each model${why}`,
    hint: isBaseBeside
      ? `list the base with its ${name}, or leave base_model out`
      : `add parameters: { ${name}: … }`,
  });
}

function namesIn(settings: readonly ParameterSetting[]): ReadonlySet<string> {
  return new Set(settings.map(({ name }) => name));
}
