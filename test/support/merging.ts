import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, merge } from "tensorweld";
import { temporaryFolder, writeCheckpoint } from "./checkpoint.ts";
import { readPlainTensors } from "./plain-safetensors.ts";

/** Tensors of one axis by name, each a list of numbers. */
export type Tensors = Readonly<Record<string, ArrayLike<number>>>;

export interface MergeInput {
  readonly models: readonly Tensors[];
  readonly base?: Tensors;
  /** Type of the elements of all inputs; F32 if absent. */
  readonly dtype?: "F32" | "F64" | "BF16" | "F16";
}

/** A folder of checkpoints, and the flags that name them. */
export interface WrittenInput {
  readonly folder: string;
  readonly config: Config;
}

/** Writes the checkpoints that a test merges; they are removed when the test is over. */
export function writeInput({ models, base, dtype = "F32" }: MergeInput): WrittenInput {
  const folder = temporaryFolder();
  const write = (name: string, tensors: Tensors): string =>
    writeCheckpoint(join(folder, name), testTensors(tensors, dtype));
  return {
    folder,
    config: {
      model_path_list: models.map((model, index) => write(`model-${index}`, model)),
      ...(base !== undefined && { base_model_path: write("base", base) }),
    },
  };
}

/** Merges written checkpoints through the package's interface; returns the output's file. */
export async function mergeWritten({ folder, config }: WrittenInput, flags: Config): Promise<string> {
  const output = join(mkdtempSync(join(folder, "merge-")), "output");
  await merge({ ...config, ...flags, output_path: output });
  return join(output, "model.safetensors");
}

/** What the report of a merge tells its user beside figures. */
export async function noticesOf(input: MergeInput, flags: Config): Promise<readonly string[]> {
  const { folder, config } = writeInput(input);
  return (await merge({ ...config, ...flags, output_path: join(folder, "output") })).notices;
}

/** The tensors of a merge, through the package's interface and files. */
export async function mergeTensors(
  input: MergeInput,
  flags: Config,
): Promise<ReadonlyMap<string, Float64Array>> {
  const file = await mergeWritten(writeInput(input), flags);
  return new Map([...readPlainTensors(file)].map(([name, { values }]) => [name, values]));
}

/** The same for inputs of a single tensor. */
export async function mergeTensor(
  models: readonly ArrayLike<number>[],
  flags: Config,
  base?: ArrayLike<number>,
): Promise<Float64Array> {
  const input = { models: models.map((w) => ({ w })), ...(base !== undefined && { base: { w: base } }) };
  return (await mergeTensors(input, flags)).get("w")!;
}

/** Writes a checkpoint in shards, one for each list of tensors' names, with an index; returns its folder. */
export function writeShards(
  folder: string,
  tensors: Tensors,
  shards: readonly (readonly string[])[],
): string {
  const weightMap: Record<string, string> = {};
  mkdirSync(folder, { recursive: true });
  for (const [number, names] of shards.entries()) {
    const part = Object.fromEntries(names.map((name) => [name, tensors[name]!]));
    const file = `model-0000${number + 1}-of-0000${shards.length}.safetensors`;
    const written = writeCheckpoint(mkdtempSync(join(folder, "shard-")), testTensors(part, "F32"));
    renameSync(join(written, "model.safetensors"), join(folder, file));
    for (const name of names) weightMap[name] = file;
  }
  const index = { metadata: {}, weight_map: weightMap };
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
  return folder;
}

function testTensors(
  tensors: Tensors,
  dtype: "F32" | "F64" | "BF16" | "F16",
): Parameters<typeof writeCheckpoint>[1] {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [
      name,
      { dtype, shape: [values.length], values: Array.from(values) },
    ]),
  );
}
