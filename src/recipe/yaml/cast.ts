import type { RecipeMethod } from "../../methods/recipe-methods.ts";
import { modelText } from "../model-reference.ts";
import type { ModelReference } from "../recipe.ts";
import type { Complaints } from "./complaints.ts";
import type { MergeDocument } from "./document.ts";
import type { NamedModel } from "./models.ts";
import type { Source, Stack } from "./stacks.ts";
import type { Spot } from "./tree.ts";

/** Where each model that a recipe names is. */
export type Located = ReadonlyMap<NamedModel, ModelReference>;

/** The parts that the models of a stack have in the merge. */
export interface Cast {
  /** What is merged, in the order of summation. */
  readonly merged: readonly Source[];
  /** What differences are taken to, which is then none of those merged. */
  readonly base?: Source;
}

/** Gives the models of a stack their parts, with complaints of what the method can't do with them. */
export function castOf(
  stack: Stack,
  document: MergeDocument,
  method: RecipeMethod,
  located: Located,
  complaints: Complaints,
): Cast {
  const isSame = (one: NamedModel, other: NamedModel): boolean =>
    sameModel(located.get(one)!, located.get(other)!);
  refuseRepeated(stack.sources, located, complaints);

  const named = stack.base ?? document.base;
  const listed = named && stack.sources.find(({ model }) => isSame(model, named));
  const base = listed ?? (named && baseBeside(named, stack, document, method, complaints));
  const others = stack.sources.filter((source) => source !== listed);
  const cast = {
    difference: { merged: others, ...(base && { base }) },
    first: { merged: base === undefined ? others : [base, ...others] },
    listed: { merged: listed !== undefined || base === undefined ? stack.sources : [...others, base] },
  }[method.base];

  for (const { name, offset } of method.base === "difference" ? (base?.parameters ?? []) : [])
    complaints.notice({ offset }, `${name} of the base has no effect: what is merged are differences to it`);
  if (method.needsBase && named === undefined) {
    const message = `${method.name} needs a base model`;
    const hint = "add base_model: with the model that the others were trained from";
    complaints.refuse(document, { code: "request/missing-value", message, hint });
  } else refuseWrongCount(cast, stack, method, complaints);
  return cast;
}

/** Whether two references are to one model. */
export function sameModel(one: ModelReference, other: ModelReference): boolean {
  return one.path === other.path && one.adapter === other.adapter && one.merge === other.merge;
}

/** A base that is not among the sources. Of whole models it is one more; of slices nobody says which layers it has. */
function baseBeside(
  model: NamedModel,
  stack: Stack,
  { isSliced }: MergeDocument,
  method: RecipeMethod,
  complaints: Complaints,
): Source | undefined {
  if (!isSliced) return { offset: model.offset, model, parameters: [] };
  if (method.base !== "listed")
    complaints.refuse(stack, {
      message: `the base model is not among the sources of this slice, and ${method.name} has to know its layers`,
      hint: "add it to the sources, with the layer_range that it has here",
    });
  return undefined;
}

function refuseRepeated(sources: readonly Source[], located: Located, complaints: Complaints): void {
  const before = new Set<string>();
  for (const { model, offset } of sources) {
    const text = modelText(located.get(model)!);
    if (before.has(text))
      complaints.refuse(
        { offset },
        {
          message: `${text} is listed twice, of which mergekit would merge one only`,
          hint: "list each model once, with the sum of its weights",
        },
      );
    before.add(text);
  }
}

function refuseWrongCount(
  { merged, base }: Cast,
  at: Spot,
  { name, models }: RecipeMethod,
  complaints: Complaints,
): void {
  const { minimum, maximum = Infinity } = models;
  const count = merged.length;
  if (count >= minimum && count <= maximum) return;
  const wanted =
    minimum === maximum
      ? `exactly ${minimum}`
      : maximum === Infinity
        ? `at least ${minimum}`
        : `${minimum} to ${maximum}`;
  const isOne = maximum === 1 || (maximum === Infinity && minimum === 1);
  const beside = base === undefined ? "" : " beside the base";
  complaints.refuse(at, {
    message: `${name} takes ${wanted} ${isOne ? "model" : "models"}${beside}, got ${count}`,
    hint: base === undefined ? "a base_model that is not listed counts, too" : undefined,
  });
}
