import type { JsonObject, JsonValue } from "../../formats/json.ts";

/** What an output's config.json must say that the donor's may not. */
export interface ConfigChanges {
  /** The type of the merged tensors, as PyTorch calls it. */
  readonly dtype?: string;
  readonly layers?: LayerChanges;
  /** Rows of the embeddings. */
  readonly vocabularySize?: number;
  /** Whether the output layer has weights of its own, which a donor that shares it with its embeddings must not hide. */
  readonly untied: boolean;
}

export interface LayerChanges {
  /** How many layers the donor says it has, and how many the output has. */
  readonly before: number;
  readonly after: number;
  /** Keys of the donor's number of layers. */
  readonly keys: readonly string[];
  /** What a list with an item for each of the donor's layers becomes; undefined when that can't be told. */
  listOf(key: string, items: readonly JsonValue[]): readonly JsonValue[] | undefined;
}

/** Objects within a config.json that hold the settings of the model of language. */
const textObjects: ReadonlySet<string> = new Set(["text_config", "language_config", "llm_config"]);

/** Keys of lists that may have an item for each layer: `layer_types`, `layers_block_type`, `num_key_value_heads` … */
const perLayer = /layer|block|pattern|_heads$|^intermediate_size$|^ffn_multipliers$/;

/** The settings with the changes made, where they differ; all else in its place. */
export function changedConfig(config: JsonObject, changes: ConfigChanges): JsonObject {
  const changed = changedObject(config, changes, true);
  if (changes.untied && changed.get("tie_word_embeddings") !== false)
    return new Map([...changed, ["tie_word_embeddings", false]]);
  return changed;
}

/** @param isText whether it holds the settings of the model of language; others have only a type in common with it. */
function changedObject(object: JsonObject, changes: ConfigChanges, isText: boolean): JsonObject {
  return new Map(
    [...object].map(([key, value]): [string, JsonValue] => {
      if (value instanceof Map && key.endsWith("_config"))
        return [key, changedObject(value as JsonObject, changes, isText && textObjects.has(key))];
      return [key, changedValue(key, value, isText ? changes : { ...changes, ...nothingOfText })];
    }),
  );
}

const nothingOfText = { layers: undefined, vocabularySize: undefined, untied: false };

function changedValue(
  key: string,
  value: JsonValue,
  {
    dtype,
    layers,
    vocabularySize,
    untied,
  }: { readonly [Key in keyof ConfigChanges]: ConfigChanges[Key] | undefined },
): JsonValue {
  if ((key === "torch_dtype" || key === "dtype") && typeof value === "string") return dtype ?? value;
  if (key === "vocab_size" && typeof value === "number") return vocabularySize ?? value;
  if (key === "tie_word_embeddings" && untied) return false;
  if (layers === undefined) return value;
  if (layers.keys.includes(key) && value === layers.before) return layers.after;
  const isPerLayer = Array.isArray(value) && value.length === layers.before && perLayer.test(key);
  return isPerLayer ? (layers.listOf(key, value as readonly JsonValue[]) ?? value) : value;
}
