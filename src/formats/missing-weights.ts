import type { Problem } from "../errors.ts";
import { weightPrefixes } from "./format.ts";
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
  { pattern: /\.pdparams(?:\.index\.json)?$/, hint: convert("Paddle's .pdparams") },
  { pattern: /\.(?:bin|pt|pth|ckpt)(?:\.index\.json)?$/, hint: convert("PyTorch's pickled files") },
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

function shardsWithoutIndex({ names, prefix }: FolderWithoutWeights): string | undefined {
  const shards = names.filter((name) => /^.+-\d{5}-of-\d{5}\.safetensors$/.test(name));
  if (!shards.some((name) => name.startsWith(`${prefix}-`))) return undefined;
  return `the shards are there, their index is not: add ${prefix}.safetensors.index.json`;
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

function loneAdapter({ names }: FolderWithoutWeights): string | undefined {
  if (!names.includes("adapter_model.safetensors")) return undefined;
  return "it holds a LoRA adapter, which is no whole model: merge it into its base model first";
}

function otherName({ names }: FolderWithoutWeights): string | undefined {
  const [file, second] = names.filter((name) => name.endsWith(".safetensors"));
  if (file === undefined || second !== undefined) return undefined;
  return `to read ${file}, give the path of that file instead of the folder's`;
}
