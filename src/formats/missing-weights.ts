import type { Problem } from "../errors.ts";
import { indexSuffix, weightPrefixes } from "./format.ts";
import type { Format, WeightPrefix } from "./format.ts";
import { isWeightFile } from "./weight-files.ts";

/** A folder in which no format found a file to start at. */
export interface FolderWithoutWeights {
  readonly folder: string;
  /** Names of its entries. */
  readonly names: readonly string[];
  readonly prefix: WeightPrefix;
  readonly formats: readonly Format[];
}

/** Why a folder has no weights: what was looked for, what is there, and what the user most likely meant. */
export function missingWeights(found: FolderWithoutWeights): Problem {
  const { folder, names, prefix, formats } = found;
  const wanted = formats.flatMap((format) => format.entryNames(prefix));
  const hint = explanations.map((explain) => explain(found)).find((text) => text !== undefined);
  const message = `holds no weights: looked for ${wanted.join(", ")}; ${listing(names)}`;
  return { code: "checkpoint/no-weights", file: folder, message, ...(hint !== undefined && { hint }) };
}

/** What to do about a single file that is in no format known here. */
export function unavailableFormat(name: string): string | undefined {
  return otherFormats.find(({ pattern }) => pattern.test(name))?.hint;
}

function listing(names: readonly string[]): string {
  if (names.length === 0) return "the folder is empty";
  // Weights first: among dozens of tokenizer files they tell what is wrong.
  const sorted = [...names.filter(isWeightFile), ...names.filter((name) => !isWeightFile(name))];
  const shown = sorted.slice(0, 8);
  const more = sorted.length > shown.length ? ` and ${sorted.length - shown.length} more` : "";
  return `there are ${shown.join(", ")}${more}`;
}

const otherFormats: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  { pattern: /\.gguf$/, hint: convert("GGUF, which is made for running a model,") },
  { pattern: /\.(?:h5|msgpack|npz)$/, hint: convert("TensorFlow's and Flax's files") },
];

function convert(what: string): string {
  return `${what} cannot be read yet: convert the weights to safetensors first`;
}

/** Tried in order; the first that has something to say wins. */
const explanations: readonly ((found: FolderWithoutWeights) => string | undefined)[] = [
  shardsWithoutIndex,
  otherPrefix,
  hubCache,
  loneAdapter,
  ({ names }) => names.map(unavailableFormat).find((hint) => hint !== undefined),
  otherName,
];

function shardsWithoutIndex({ names, prefix, formats }: FolderWithoutWeights): string | undefined {
  const indexes = formats
    .flatMap((format) => format.entryNames(prefix))
    .filter((name) => name.endsWith(indexSuffix));
  const missing = indexes.find((index) => names.some((name) => isShardOf(index, name)));
  return missing === undefined ? undefined : `the shards are there, their index is not: add ${missing}`;
}

/** Whether `name` is that of a shard beside the index: `model-00001-of-00002.safetensors`. */
function isShardOf(index: string, name: string): boolean {
  const whole = index.slice(0, -indexSuffix.length);
  return name.replace(/-\d{5}-of-\d{5}(?=\.[^.]+$)/, "") === whole && name !== whole;
}

function otherPrefix({ names, prefix, formats }: FolderWithoutWeights): string | undefined {
  const other = weightPrefixes.find(
    (candidate) =>
      candidate !== prefix &&
      formats.some((format) => format.entryNames(candidate).some((name) => names.includes(name))),
  );
  return other === undefined ? undefined : `give --merge_prefix ${other} to merge the files of that name`;
}

function hubCache({ names }: FolderWithoutWeights): string | undefined {
  if (!names.includes("snapshots") || !names.includes("refs")) return undefined;
  return "this is a folder of the Hugging Face cache: give the folder inside its snapshots";
}

const adapterFile = /^adapter_model\.(?:safetensors|bin)$/;

function loneAdapter({ names }: FolderWithoutWeights): string | undefined {
  if (!names.some((name) => adapterFile.test(name))) return undefined;
  return "it holds a LoRA adapter, which is no whole model: name it behind its base, as BASE+ADAPTER";
}

/** Names that transformers and Accelerate give the state of a training run, in PyTorch's format; never weights. */
const trainingState =
  /^(?:training_args|optimizer(?:_\d+)?|scheduler(?:_\d+)?|scaler|rng_state(?:_\d+)?)\.(?:bin|pt|pth)$/;

function otherName({ names, formats }: FolderWithoutWeights): string | undefined {
  const readable = names.filter(
    (name) =>
      formats.some(({ extensions }) => extensions.some((extension) => name.endsWith(extension))) &&
      !trainingState.test(name),
  );
  const [file, second] = readable;
  if (file === undefined || second !== undefined) return undefined;
  return `to read ${file}, give the path of that file instead of the folder's`;
}
