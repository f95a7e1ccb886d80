import { isEmbedding, isOutput } from "../../adapters/tied-weights.ts";
import { describeFew } from "../../formats/describe-few.ts";
import type { Recipe } from "../../recipe/recipe.ts";
import { distinctModels, leadingModel, type Model, type Models, replaceModels } from "../models.ts";
import { isBuffer } from "./buffers.ts";
import { parseLayerName } from "./layer-name.ts";
import { relabelled, withCopies } from "./relabelled.ts";
import { rewrappingInto } from "./wrapper.ts";

/** Models made to fit each other where they store the same weights differently. */
export interface Reconciled {
  readonly models: Models;
  readonly notices: readonly string[];
  /** Whether embeddings stand in for an output layer that other models have for themselves. */
  readonly untied: boolean;
}

/**
 * The models as they are or, when the recipe has them reconciled, with the names that the leading one has for the same
 * tensors, without buffers and, where one of them has an output layer of its own, each with one.
 */
export function reconciled(models: Models, { reconcile = false }: Recipe): Reconciled {
  if (!reconcile) return { models, notices: [], untied: false };
  const renaming = withCommonNames(models);
  const cleaning = withoutBuffers(renaming.models);
  const untying = withOutputLayers(cleaning.models);
  return {
    models: untying.models,
    notices: [renaming, cleaning, untying].flatMap(({ notices }) => notices),
    untied: untying.models !== cleaning.models,
  };
}

/** Models after one step, and what to tell of it. */
type Step = Pick<Reconciled, "models" | "notices">;

function withCommonNames(models: Models): Step {
  const donor = leadingModel(models);
  const notices: string[] = [];
  const renamed = new Map<Model, Model>();
  for (const model of distinctModels(models)) {
    if (model === donor) continue;
    const rewrapping = rewrappingInto(donor.tensors, [...model.tensors.keys()]);
    if (rewrapping === undefined) continue;
    renamed.set(
      model,
      relabelled(model, (name) => rewrapping.of(name)),
    );
    notices.push(`${model.checkpoint.path}: ${rewrapping.description}, as ${donor.checkpoint.path} has them`);
  }
  return { models: replaceModels(models, (model) => renamed.get(model) ?? model), notices };
}

function withoutBuffers(models: Models): Step {
  const found = new Set<string>();
  const cleaned = new Map<Model, Model>();
  for (const model of distinctModels(models)) {
    const names = [...model.tensors]
      .filter(([name, { shape }]) => isBuffer(name, shape))
      .map(([name]) => name);
    if (names.length === 0) continue;
    const dropped = new Set(names);
    for (const name of names) found.add(name);
    cleaned.set(
      model,
      relabelled(model, (name) => (dropped.has(name) ? undefined : name)),
    );
  }
  const listed = describeFew([...found], (name) => JSON.stringify(name));
  return {
    models: replaceModels(models, (model) => cleaned.get(model) ?? model),
    notices: found.size === 0 ? [] : [`left out, because programs compute them themselves: ${listed}`],
  };
}

/** A tied output layer is the embeddings: where others have it for themselves, those stand in for it. */
function withOutputLayers(models: Models): Step {
  const ends = endModels(models);
  const heads = new Set(ends.flatMap((model) => [...model.tensors.keys()].filter(isHead)));
  const notices: string[] = [];
  const untied = new Map<Model, Model>();
  for (const model of ends) {
    const missing = [...heads].filter((head) => !model.tensors.has(head));
    const [embedding, second] = [...model.tensors.keys()].filter(isTable);
    if (missing.length === 0 || embedding === undefined || second !== undefined) continue;
    untied.set(model, withCopies(model, embedding, missing));
    notices.push(
      `${model.checkpoint.path}: ${embedding} is its output layer too, and stands in for ${missing.join(", ")}`,
    );
  }
  if (untied.size === 0) return { models, notices };
  return { models: replaceModels(models, (model) => untied.get(model) ?? model), notices };
}

/** The models that what is outside layers is made of. */
function endModels(models: Models): readonly Model[] {
  const { slices } = models;
  if (slices === undefined) return distinctModels(models);
  const ends = [slices[0]!, slices.at(-1)!].flatMap(({ base, sources }) => [base, ...sources]);
  return [...new Set(ends.flatMap((source) => source?.model ?? []))];
}

function isHead(name: string): boolean {
  return isOutput(name) && parseLayerName(name) === undefined;
}

function isTable(name: string): boolean {
  return isEmbedding(name) && parseLayerName(name) === undefined;
}
