import type { RecipeMethod } from "../../methods/recipe-methods.ts";
import type { Complaints } from "./complaints.ts";
import { type Fields, readList, readMapping } from "./mapping.ts";
import { type NamedModel, readModel } from "./models.ts";
import { type ParameterSetting, readParameters } from "./parameters.ts";
import { numberOf, showTree } from "./scalars.ts";
import type { Spot, YamlEntry, YamlTree } from "./tree.ts";

/** A model that is merged, or a run of its layers. */
export interface Source extends Spot {
  readonly model: NamedModel;
  /** The first layer and the one after the last; absent: the whole model, or a range that was complained of. */
  readonly range?: readonly [start: number, end: number];
  readonly parameters: readonly ParameterSetting[];
}

/** What is merged into one: whole models, or runs of as many layers of several. */
export interface Stack extends Spot {
  readonly sources: readonly Source[];
  /** In place of the recipe's. */
  readonly base?: NamedModel;
  readonly parameters: readonly ParameterSetting[];
}

/** Layers of a model; the largest known have some hundreds. */
const maxLayer = 100_000;

/** The whole models of `models:` as one stack. */
export function readModels(
  entry: YamlEntry,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): Stack {
  const sources = readList(entry, complaints).flatMap((item) => {
    const fields = readMapping(item, "model", complaints);
    return fields === undefined ? [] : sourceOf(item, fields, method, complaints);
  });
  return { offset: entry.offset, sources, parameters: [] };
}

/** The stacks of `slices:`, in the order of the output's layers. */
export function readSlices(
  entry: YamlEntry,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): readonly Stack[] {
  return readList(entry, complaints).flatMap((item) => {
    const fields = readMapping(item, "slice", complaints);
    return fields === undefined ? [] : readSlice(item, fields, method, complaints);
  });
}

function readSlice(
  { offset }: YamlTree,
  fields: Fields<"slice">,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): Stack {
  const sources = fields.sources === undefined ? [] : readSources(fields.sources, method, complaints);
  const base = fields.base_model && readModel(fields.base_model, complaints);
  if (fields.residual_weight !== undefined)
    complaints.notice(fields.residual_weight, "residual_weight has no effect, as in mergekit");
  const parameters = readParameters(fields.parameters, "all models", method, complaints);
  return { offset, sources, parameters, ...(base && { base }) };
}

function readSources(
  entry: YamlEntry,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): readonly Source[] {
  const items = readList(entry, complaints);
  if (items.length === 0 && entry.value.kind === "list")
    complaints.refuse(entry, { message: "a slice without sources", hint: "name at least one" });
  const sources = items.flatMap((item) => {
    const fields = readMapping(item, "source", complaints);
    if (fields === undefined) return [];
    const range = fields.layer_range && readRange(fields.layer_range.value, complaints);
    return sourceOf(item, fields, method, complaints).map((source) => ({
      ...source,
      ...(range && { range }),
    }));
  });
  equalLengths(sources, complaints);
  return sources;
}

function sourceOf(
  { offset }: YamlTree,
  fields: Pick<Fields<"source">, "model" | "parameters">,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): readonly Source[] {
  const model = fields.model && readModel(fields.model, complaints);
  const parameters = readParameters(fields.parameters, "one model", method, complaints);
  return model === undefined ? [] : [{ offset, model, parameters }];
}

function readRange(tree: YamlTree, complaints: Complaints): readonly [number, number] | undefined {
  const numbers = tree.kind === "list" ? tree.items.map(numberOf) : [];
  const [start, end] = numbers;
  const isRange =
    numbers.length === 2 &&
    [start, end].every((layer) => Number.isInteger(layer) && layer! >= 0 && layer! <= maxLayer) &&
    start! < end!;
  if (isRange) return [start!, end!];
  const found =
    tree.kind === "list" ? `[${tree.items.slice(0, 4).map(showTree).join(", ")}]` : showTree(tree);
  complaints.refuse(tree, {
    message: `layer_range: expected two whole numbers [start, end] with 0 <= start < end <= ${maxLayer}, got ${found}`,
    hint: "end is the layer after the last: [0, 8] are the first eight layers",
  });
  return undefined;
}

function equalLengths(sources: readonly Source[], complaints: Complaints): void {
  const ranged = sources.flatMap(({ range, offset }) =>
    range === undefined ? [] : { offset, layers: range[1] - range[0] },
  );
  const [first, ...others] = ranged;
  for (const { offset, layers } of others) {
    if (layers === first?.layers) continue;
    complaints.refuse(
      { offset },
      {
        message: `has ${layers} layers, where the first source of the slice has ${first?.layers}`,
        hint: "give all sources of a slice ranges of one length",
      },
    );
  }
}
