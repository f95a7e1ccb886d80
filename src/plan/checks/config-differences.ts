import type { Problem } from "../../errors.ts";
import { describeJson, shorten } from "../../formats/describe-json.ts";
import type { JsonValue } from "../../formats/json.ts";
import type { Storage } from "../../io/storage.ts";
import { advised } from "./advised.ts";
import { type ModelConfig, readModelConfig } from "./model-config.ts";

/** Settings whose `null` says that they follow from the others. */
const sizes = [
  "vocab_size",
  "hidden_size",
  "num_hidden_layers",
  "num_attention_heads",
  "num_key_value_heads",
  "head_dim",
  "intermediate_size",
] as const;

/**
 * The settings that say what weights mean. Not among them: `torch_dtype`, which headers say better, and
 * `max_position_embeddings`, which only promises something: base and chat models of one family often differ there.
 */
const compared: readonly string[] = [
  "model_type",
  "architectures",
  ...sizes,
  "tie_word_embeddings",
  "rope_theta",
  "rope_scaling",
  "sliding_window",
];

/**
 * Warnings that models were made for other settings than the leading one, by the config.json in the folder of each, and
 * that such a file can't be read. A setting is compared where both files have it: one that is absent has the
 * value its architecture assumes. That is so for `tie_word_embeddings` too, which Llama assumes to be false and Gemma
 * to be true; where it matters, one of the models has no `lm_head.weight`, and their tensors do not fit.
 * @param settled settings that are not compared, because the output has its own.
 */
export async function configDifferences(
  storage: Storage,
  leader: string,
  others: readonly string[],
  settled: readonly string[],
): Promise<readonly Problem[]> {
  const warnings: Problem[] = [];
  const read = (folder: string): Promise<ModelConfig | undefined> =>
    readModelConfig(storage, folder, (problem) => void warnings.push(problem));
  const leading = await read(leader);
  for (const other of others) {
    const config = await read(other);
    if (leading !== undefined && config !== undefined)
      warnings.push(...differences(leading, config, settled));
  }
  return warnings;
}

function differences(
  leading: ModelConfig,
  config: ModelConfig,
  settled: readonly string[],
): readonly Problem[] {
  const keys = compared.filter((key) => !settled.includes(key));
  const problems = keys.flatMap((key): Problem[] => {
    const [a, b] = [leading, config].map(({ settings }) => stated(key, settings.get(key)));
    const found = a === undefined || b === undefined ? undefined : firstDifference(a, b, [key]);
    if (found === undefined) return [];
    const [wanted, here] = [found.a, found.b].map(describeJson);
    const message = `${shorten(found.path.join("."))} is ${here} here and ${wanted} in ${leading.path}`;
    return [{ code: "check/config", file: config.path, message }];
  });
  return advised(problems, "merge models made for the same settings: the output has the latter file's");
}

function stated(key: string, value: JsonValue | undefined): JsonValue | undefined {
  return value === null && (sizes as readonly string[]).includes(key) ? undefined : value;
}

interface Difference {
  /** The names that lead to it, outermost first. */
  readonly path: readonly string[];
  readonly a: JsonValue | undefined;
  readonly b: JsonValue | undefined;
}

/** Where two values first differ; objects are gone into, their names in any order. */
function firstDifference(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path: readonly string[],
): Difference | undefined {
  if (!(a instanceof Map && b instanceof Map)) return isSame(a, b) ? undefined : { path, a, b };
  for (const name of new Set<string>([...a.keys(), ...b.keys()])) {
    const found = firstDifference(a.get(name), b.get(name), [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether two values are the same, numbers by their value: `10000` is `1e4`. */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      a.length === b.length && a.every((item, index) => firstDifference(item, b[index], []) === undefined)
    );
  }
  return comparable(a) === comparable(b);
}

function comparable(value: JsonValue | undefined): JsonValue | undefined {
  const isLiteral = typeof value === "object" && value !== null && "literal" in value;
  return isLiteral ? Number(value.literal) : value;
}
