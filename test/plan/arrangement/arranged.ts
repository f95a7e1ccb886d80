import { bytesOf, type DType } from "../../../src/dtype.ts";
import type { Problem } from "../../../src/errors.ts";
import { encodeHeader, layoutShards } from "../../../src/formats/safetensors/write.ts";
import type { Storage } from "../../../src/io/storage.ts";
import { arrange } from "../../../src/plan/arrangement/arrange.ts";
import type { ArrangedTensor } from "../../../src/plan/arrangement/arranged-tensor.ts";
import { reconciled } from "../../../src/plan/arrangement/reconcile.ts";
import { modelSettings } from "../../../src/plan/model-settings.ts";
import { openModels } from "../../../src/plan/models.ts";
import type { Recipe } from "../../../src/recipe/recipe.ts";
import { memoryStorage } from "../../support/memory-storage.ts";

/** A shape, or a shape and a type; F32 if absent. */
type Tensor = readonly number[] | { readonly shape: readonly number[]; readonly dtype: DType };

/** A model of tensors without values. */
export interface ShapedModel {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly config?: object | string;
}

/** A model of `layers` layers like Llama's, `width` wide, with a head of its own. */
export function llama(layers: number, width = 4): ShapedModel {
  const blocks = Array.from({ length: layers }, (_, layer) => ({
    [`model.layers.${layer}.self_attn.o_proj.weight`]: [width, width],
    [`model.layers.${layer}.mlp.up_proj.weight`]: [2 * width, width],
  }));
  return {
    tensors: {
      "model.embed_tokens.weight": [10, width],
      ...(Object.assign({}, ...blocks) as Record<string, readonly number[]>),
      "model.norm.weight": [width],
      "lm_head.weight": [10, width],
    },
    config: { model_type: "llama", num_hidden_layers: layers, vocab_size: 10 },
  };
}

export interface Arranged {
  readonly tensors: readonly ArrangedTensor[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly notices: readonly string[];
  readonly untied: boolean;
  /** The tensor of that name. */
  readonly of: (name: string) => ArrangedTensor;
}

/** A recipe for models in the folders /a, /b …, all of them merged unless `given` says otherwise. */
export function recipeFor(models: number, given: Partial<Recipe> = {}): Recipe {
  return {
    models: Array.from({ length: models }, (_, index) => ({ path: `/${"abcd"[index]}` })),
    combination: { merge: { method: "linear", parameters: { normalize: false } } },
    prefix: "model",
    maxShardBytes: 5e9,
    modelCard: true,
    seed: 42,
    ...given,
  };
}

/** Models in the folders /a, /b …. */
export function storedModels(models: readonly ShapedModel[]): Storage {
  const files = models.flatMap(({ tensors, config }, index) => {
    const folder = `/${"abcd"[index]}`;
    const text = typeof config === "object" ? JSON.stringify(config) : config;
    return [
      [`${folder}/model.safetensors`, weightFile(tensors)] as const,
      ...(text === undefined ? [] : [[`${folder}/config.json`, new TextEncoder().encode(text)] as const]),
    ];
  });
  return memoryStorage(new Map(files));
}

/** What a recipe makes of models in the folders /a, /b …. */
export async function arranged(
  models: readonly ShapedModel[],
  given: Partial<Recipe> = {},
): Promise<Arranged> {
  const storage = storedModels(models);
  const recipe = recipeFor(models.length, given);
  const opened = await openModels(storage, recipe);
  if ("problems" in opened) throw new Error(JSON.stringify(opened.problems));
  const { models: fitted, notices, untied } = reconciled(opened, recipe);
  const made = arrange(fitted, recipe, await modelSettings(storage, fitted));
  const { tensors } = made;
  return { ...made, notices, untied, of: (name) => tensors.find((tensor) => tensor.name === name)! };
}

/** What a tensor is made of: `a:model.layers.3.mlp.up_proj.weight`, in order. */
export function sourcesOf({ sources }: ArrangedTensor): readonly string[] {
  return sources.map(({ model, name }) => `${model.checkpoint.path.slice(1)}:${name}`);
}

function weightFile(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const specs = Object.entries(tensors).map(([name, tensor]) =>
    "dtype" in tensor ? { name, ...tensor } : { name, shape: tensor, dtype: "F32" as const },
  );
  const { shards } = layoutShards(specs, { prefix: "model", maxShardBytes: Infinity, metadata: new Map() });
  const header = encodeHeader(shards[0]!.header);
  const bytes = specs.reduce((sum, { dtype, shape }) => sum + bytesOf(dtype, product(shape)), 0);
  const file = new Uint8Array(header.length + bytes);
  file.set(header);
  return file;
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}
