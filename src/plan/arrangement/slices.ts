import type { Problem } from "../../errors.ts";
import type { ModelSettings } from "../model-settings.ts";
import type { Model, OpenedSlice, OpenedSource } from "../models.ts";
import { layerPosition, parseLayerName } from "./layer-name.ts";
import { LayeredModel } from "./layered-model.ts";
import { layerStackOf } from "./layer-stack.ts";
import type { Member, Part } from "./part.ts";

/** The parts of an output that is put together of slices; none while there are problems. */
export interface SlicedParts {
  readonly parts: readonly Part[];
  readonly problems: readonly Problem[];
}

/**
 * The output's parts: what is before its layers, of the first slice's models; the slices, their layers numbered on; what
 * is after them, of the last slice's models.
 */
export function slicedParts(slices: readonly OpenedSlice[], settings: ModelSettings): SlicedParts {
  const layered = new Map<Model, LayeredModel>();
  const problems: Problem[] = [];
  for (const model of new Set(slices.flatMap(sourcesOf).map((source) => source.model))) {
    const stack = layerStackOf(model.tensors.keys(), settings.get(model));
    if ("fault" in stack)
      problems.push({ code: "plan/layers", file: model.checkpoint.path, message: stack.fault });
    else layered.set(model, new LayeredModel(model, stack));
  }
  if (problems.length === 0) problems.push(...otherStacks([...layered.values()]));
  for (const slice of slices)
    for (const { model, firstLayer } of sourcesOf(slice))
      problems.push(...missingLayers(layered.get(model), firstLayer, slice.layers));
  if (problems.length > 0) return { parts: [], problems };
  return { parts: partsOf(slices, (model) => layered.get(model)!), problems };
}

/** All that a slice is made of, its base first. */
function sourcesOf({ base, sources }: OpenedSlice): readonly OpenedSource[] {
  return base === undefined ? sources : [base, ...sources];
}

/** Problems with models whose layers have other names than the first one's. */
function otherStacks([first, ...others]: readonly LayeredModel[]): readonly Problem[] {
  return others
    .filter(({ stack }) => stack.name !== first!.stack.name)
    .map(({ model, stack }) => ({
      code: "plan/layers",
      file: model.checkpoint.path,
      message: `has layers called ${JSON.stringify(stack.name)}, and those of ${first!.model.checkpoint.path} are called ${JSON.stringify(first!.stack.name)}`,
      hint: "stack models of one architecture",
    }));
}

function missingLayers(layered: LayeredModel | undefined, first: number, count: number): readonly Problem[] {
  if (layered === undefined) return [];
  const { model, stack } = layered;
  const file = model.checkpoint.path;
  const range = `layers ${first} to ${first + count - 1} are wanted`;
  if (first < 0 || first + count > stack.layers) {
    const message = `${range}, and it has ${stack.layers}, numbered from 0`;
    const hint = `a range of layers begins at 0 or later, and ends at ${stack.layers} or earlier, which is not in it`;
    return [{ code: "plan/layers", file, message, hint }];
  }
  const missing = Array.from({ length: count }, (_, layer) => first + layer).find(
    (layer) => !layered.has(layer),
  );
  if (missing === undefined) return [];
  return [{ code: "plan/layers", file, message: `${range}, and layer ${missing} has no tensors` }];
}

function partsOf(slices: readonly OpenedSlice[], layeredOf: (model: Model) => LayeredModel): readonly Part[] {
  const total = slices.reduce((sum, { layers }) => sum + layers, 0);
  const part = (
    slice: number,
    memberOf: (source: OpenedSource) => Member,
    positionOf: Part["positionOf"],
  ): Part => {
    const { base, sources } = slices[slice]!;
    return { ...(base && { base: memberOf(base) }), sources: sources.map(memberOf), slice, positionOf };
  };
  let output = 0;
  const stacked = slices.map(({ layers }, slice) => {
    const first = output;
    output += layers;
    return part(
      slice,
      ({ model, firstLayer }) => layeredOf(model).layerMember(firstLayer, layers, first),
      (name) => {
        const { firstNumber } = layeredOf(slices[slice]!.sources[0]!.model).stack;
        return layerPosition(parseLayerName(name)!.number - firstNumber - first, layers);
      },
    );
  });
  return [
    part(
      0,
      ({ model }) => layeredOf(model).outsideMember("before", total),
      () => 0,
    ),
    ...stacked,
    part(
      slices.length - 1,
      ({ model }) => layeredOf(model).outsideMember("after", total),
      () => 0,
    ),
  ];
}
