import { openAdapter } from "../adapters/adapter.ts";
import { applyAdapter } from "../adapters/apply.ts";
import type { Update } from "../adapters/update.ts";
import { type Problem, TensorweldError } from "../errors.ts";
import type { Checkpoint, InputFile, TensorInfo } from "../formats/checkpoint.ts";
import { openCheckpoint } from "../formats/index.ts";
import { quantisationOf, quantisedProblem } from "../formats/quantisation.ts";
import type { Storage } from "../io/storage.ts";
import type { ArrangedTensor } from "./arrangement/arranged-tensor.ts";
import type { ModelReference, Recipe } from "../recipe/recipe.ts";
import type { Slice, SliceSource } from "../recipe/slice.ts";

/** A model as a recipe names it: a checkpoint, and what an adapter does to it. */
export interface Model {
  readonly reference: ModelReference;
  readonly checkpoint: Checkpoint;
  /** Its tensors, those of the adapter in the places of the checkpoint's that they replace. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What is added to its tensors, by their names. */
  readonly updates: ReadonlyMap<string, Update>;
  /** All files it is read from. */
  readonly files: readonly InputFile[];
  readonly notices: readonly string[];
  /** Present when it is what an earlier merge makes: how its tensors are made, by their names. */
  readonly made?: ReadonlyMap<string, ArrangedTensor>;
  /** Text of its config.json, when it is another than that in the checkpoint's folder. */
  readonly config?: string;
}

/** A recipe's slice, its models opened. */
export interface OpenedSlice {
  readonly layers: number;
  readonly sources: readonly OpenedSource[];
  readonly base?: OpenedSource;
}

export interface OpenedSource {
  readonly model: Model;
  readonly firstLayer: number;
}

/** The models of a recipe, their headers read. */
export interface Models {
  readonly base?: Model;
  /** In the recipe's order. */
  readonly models: readonly Model[];
  /** The one that the recipe names as the donor. */
  readonly donor?: Model;
  /** Absent: whole models are merged. */
  readonly slices?: readonly OpenedSlice[];
}

/**
 * Opens every model of a recipe, or says what is wrong with all those that can't be opened.
 * @param earlier what earlier merges make, by their names.
 */
export async function openModels(
  storage: Storage,
  recipe: Recipe,
  earlier: ReadonlyMap<string, Model> = new Map(),
): Promise<Models | { readonly problems: readonly Problem[] }> {
  const { base, models, donor, prefix } = recipe;
  const references = referencesOf(recipe);
  const attempts = new Attempts();
  const checkpoints = new Map<string, Checkpoint>();
  const stored = references.filter(({ merge }) => merge === undefined);
  for (const path of new Set(stored.map((reference) => reference.path))) {
    const checkpoint = await attempts.try(() => openUnquantised(storage, path, prefix));
    if (checkpoint !== undefined) checkpoints.set(path, checkpoint);
  }
  const opened = new Map<string, Model>();
  for (const reference of references.filter(({ merge }) => merge !== undefined)) {
    const model = await attempts.try(() => earlierMerge(reference, earlier));
    if (model !== undefined) opened.set(keyOf(reference), model);
  }
  for (const reference of stored) {
    const checkpoint = checkpoints.get(reference.path);
    if (opened.has(keyOf(reference)) || checkpoint === undefined) continue;
    const model = await attempts.try(() => openModel(storage, reference, checkpoint));
    if (model !== undefined) opened.set(keyOf(reference), model);
  }
  if (attempts.problems.length > 0) return { problems: attempts.problems };
  const modelOf = (reference: ModelReference): Model => opened.get(keyOf(reference))!;
  const slices = recipe.slices?.map((slice) => openedSlice(slice, modelOf));
  return {
    ...(base && { base: modelOf(base) }),
    models: models.map(modelOf),
    ...(donor && { donor: modelOf(donor) }),
    ...(slices && { slices }),
  };
}

/** Every model that a recipe names, in one place or several. */
function referencesOf({ base, models, donor, slices = [] }: Recipe): readonly ModelReference[] {
  const stacked = slices.flatMap((slice) => [slice.base, ...slice.sources].map((source) => source?.model));
  return [base, ...models, donor, ...stacked].filter((reference) => reference !== undefined);
}

function openedSlice(
  { layers, sources, base }: Slice,
  modelOf: (reference: ModelReference) => Model,
): OpenedSlice {
  const opened = ({ model, firstLayer }: SliceSource): OpenedSource => ({
    model: modelOf(model),
    firstLayer,
  });
  return { layers, sources: sources.map(opened), ...(base && { base: opened(base) }) };
}

/** The model that decides what the output looks like: the donor, else the base, else the first model. */
export function leadingModel({ base, models, donor }: Models): Model {
  return donor ?? base ?? models[0]!;
}

/** All models, the base first, each once. */
export function distinctModels({ base, models, donor, slices = [] }: Models): readonly Model[] {
  const stacked = slices.flatMap((slice) => [slice.base, ...slice.sources].map((source) => source?.model));
  return [...new Set([base, ...models, donor, ...stacked].filter((model) => model !== undefined))];
}

/** The same models, each with another in its place. */
export function replaceModels(
  { base, models, donor, slices }: Models,
  replacementOf: (model: Model) => Model,
): Models {
  const source = ({ model, firstLayer }: OpenedSource): OpenedSource => ({
    model: replacementOf(model),
    firstLayer,
  });
  return {
    ...(base && { base: replacementOf(base) }),
    models: models.map(replacementOf),
    ...(donor && { donor: replacementOf(donor) }),
    ...(slices && {
      slices: slices.map(({ layers, sources, base }) => ({
        layers,
        sources: sources.map(source),
        ...(base && { base: source(base) }),
      })),
    }),
  };
}

/** Collects what several steps refuse, so that a user hears of all at once. */
class Attempts {
  readonly problems: Problem[] = [];

  /** What `open` gives; undefined when it is refused. */
  async try<T>(open: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof TensorweldError)) throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }
}

async function openUnquantised(
  storage: Storage,
  path: string,
  prefix: Recipe["prefix"],
): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(storage, path, prefix);
  const method = await quantisationOf(storage, checkpoint);
  if (method === undefined) return checkpoint;
  throw new TensorweldError("refused", [quantisedProblem(checkpoint, method)]);
}

async function openModel(
  storage: Storage,
  reference: ModelReference,
  checkpoint: Checkpoint,
): Promise<Model> {
  const { adapter: path } = reference;
  const { tensors, files, notices } = checkpoint;
  if (path === undefined) return { reference, checkpoint, tensors, updates: new Map(), files, notices };
  const adapter = await openAdapter(storage, path);
  const applied = applyAdapter(adapter, checkpoint);
  return {
    reference,
    checkpoint,
    tensors: new Map([...tensors].map(([name, tensor]) => [name, applied.replacements.get(name) ?? tensor])),
    updates: applied.updates,
    files: [...files, ...adapter.files],
    notices: [...notices, ...adapter.notices, ...applied.notices],
  };
}

function earlierMerge({ merge, adapter }: ModelReference, earlier: ReadonlyMap<string, Model>): Model {
  const model = merge === undefined ? undefined : earlier.get(merge);
  if (model === undefined) throw new Error(`the recipe names an unknown merge: ${merge}`);
  if (adapter === undefined) return model;
  const message = "is a merge, and adapters are added to stored models only";
  const hint = "add the adapter to a model that goes into that merge, or write the merge out first";
  throw new TensorweldError("refused", [{ code: "request/not-available", file: merge!, message, hint }]);
}

function keyOf({ path, adapter, merge }: ModelReference): string {
  return JSON.stringify([path, adapter, merge]);
}
