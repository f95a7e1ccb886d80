import { bytesOf } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import type { InputFile, TensorInfo } from "../formats/checkpoint.ts";
import type { Storage } from "../io/storage.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { arrange } from "./arrangement/arrange.ts";
import type { ArrangedPart } from "./arrangement/arrange-part.ts";
import type { ArrangedTensor } from "./arrangement/arranged-tensor.ts";
import { reconciled } from "./arrangement/reconcile.ts";
import { CONFIG_NAME } from "./checks/model-config.ts";
import { type OutputConfig, outputConfig } from "./config/output-config.ts";
import { type ModelSettings, modelSettings } from "./model-settings.ts";
import { distinctModels, leadingModel, type Model, type Models, openModels } from "./models.ts";

/** What a recipe merges, its tensors arranged. */
export interface Prepared extends ArrangedPart {
  readonly models: Models;
  readonly config: OutputConfig;
  /** How models were made to fit each other. */
  readonly notices: readonly string[];
}

/** The models of a recipe, and what its output is made of, with what is wrong with them or with merges before it. */
export async function prepare(
  storage: Storage,
  recipe: Recipe,
): Promise<Prepared | { readonly problems: readonly Problem[]; readonly models?: undefined }> {
  const made = new Map<string, Model>();
  const before: Prepared[] = [];
  for (const { name, recipe: one } of recipe.merges ?? []) {
    const prepared = await prepareOne(storage, one, made);
    if (prepared.models === undefined || prepared.problems.length > 0) return { problems: prepared.problems };
    made.set(name, madeModel(name, prepared));
    before.push(prepared);
  }
  const last = await prepareOne(storage, recipe, made);
  if (last.models === undefined) return last;
  return {
    ...last,
    warnings: [...before, last].flatMap(({ warnings }) => warnings),
    notices: [...before, last].flatMap(({ notices }) => notices),
  };
}

async function prepareOne(
  storage: Storage,
  recipe: Recipe,
  made: ReadonlyMap<string, Model>,
): Promise<Prepared | { readonly problems: readonly Problem[]; readonly models?: undefined }> {
  const opened = await openModels(storage, recipe, made);
  if ("problems" in opened) return opened;
  const { models, notices, untied } = reconciled(opened, recipe);
  const settings: ModelSettings = await modelSettings(storage, models);
  const arranged = arrange(models, recipe, settings);
  const { tensors } = arranged;
  const config = await outputConfig(storage, { recipe, models, settings, tensors, untied });
  return { ...arranged, models, config, notices };
}

/** A merge as a model for the next one: its donor's files beside tensors that are not stored. */
function madeModel(name: string, { models, tensors, config }: Prepared): Model {
  const { checkpoint, config: donated } = leadingModel(models);
  const made = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const infos = new Map(tensors.map((tensor) => [tensor.name, infoOf(tensor)]));
  const text = config.documents.find((document) => document.name === CONFIG_NAME)?.text ?? donated;
  return {
    reference: { path: name, merge: name },
    checkpoint: { ...checkpoint, tensors: infos, notices: [] },
    tensors: infos,
    updates: new Map(),
    files: uniqueFiles(models),
    notices: distinctModels(models).flatMap(({ notices }) => notices),
    made,
    ...(text !== undefined && { config: text }),
  };
}

/** A tensor that lies in no file. */
function infoOf({ name, dtype, shape }: ArrangedTensor): TensorInfo {
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name, dtype, shape, file: "", offset: 0, bytes: bytesOf(dtype, elements) };
}

function uniqueFiles(models: Models): readonly InputFile[] {
  const files = distinctModels(models).flatMap((model) => model.files);
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
