import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Problem } from "../../src/errors.ts";
import { executePlan } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { type Config, plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { Verification } from "../../src/manifest/verification.ts";
import { verifyOutput, type VerifyOptions } from "../../src/manifest/verify.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { randomNumbers } from "../support/random-numbers.ts";

/** Contents of an output's files by their names. */
export type Files = ReadonlyMap<string, Uint8Array>;

export type TensorsOf = (seed: number) => Readonly<Record<string, TestTensor>>;

/** The folder that outputs lie in when they are in memory. */
const FOLDER = "/out";

/** Tensors of all that a merge treats differently, of some bytes each. */
export const smallTensors: TensorsOf = (seed) => ({
  "w.bf16": { dtype: "BF16", shape: [3, 5], values: randomNumbers(15, seed) },
  "w.f32": { dtype: "F32", shape: [7], values: randomNumbers(7, seed) },
  ids: { dtype: "I64", shape: [2], values: Array.from({ length: 16 }, (_, byte) => byte) },
});

/** Flags that put the small tensors into two shards, and what these are called. */
export const twoShards: Config = { max_shard_size: "44" };
export const shardNames = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] as const;

/** The small tensors in two shards, merged. */
export const twoShardOutput = (): Promise<Files> => writtenOutput(smallTensors, twoShards);

/** What a merge of two models of these tensors writes, with files of the first one copied. */
export async function writtenOutput(tensorsOf: TensorsOf, flags: Config = {}): Promise<Files> {
  const folder = temporaryFolder();
  const weights = `${flags.merge_prefix ?? "model"}.safetensors`;
  const models = ["a", "b"].map((name, index) =>
    writeCheckpoint(join(folder, name), tensorsOf(index + 1), weights),
  );
  writeFileSync(join(folder, "a", "config.json"), '{ "model_type": "llama" }\n');
  writeFileSync(join(folder, "a", "tokenizer.model"), Buffer.from([0, 1, 2, 255]));
  const output = join(folder, "out");
  const planned = await plan({ model_path_list: models, output_path: output, ...flags });
  await executePlan(planned, {}, { storage: nodeStorage, startThread: startInline(nodeStorage) });
  const contentsOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(output, name)));
  return new Map(readdirSync(output).map((name) => [name, contentsOf(name)]));
}

/** The files with some of them changed: to other bytes, or to nothing. */
export function withChanges(files: Files, changes: Readonly<Record<string, Uint8Array | undefined>>): Files {
  return new Map(
    Object.entries({ ...Object.fromEntries(files), ...changes }).flatMap(([name, bytes]) =>
      bytes === undefined ? [] : [[name, bytes] as const],
    ),
  );
}

/** A copy of `bytes` with one bit turned, which of the byte's eight depends on its position. */
export function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const copy = bytes.slice();
  copy[position]! ^= 1 << (position % 8);
  return copy;
}

/** Verifies files, in memory. */
export async function verified(files: Files, options?: VerifyOptions): Promise<Verification> {
  return verifyOutput(storageOf(files), FOLDER, options);
}

/** The codes of problems, each with the name of its file and its tensor. */
export function placesOf(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ code, file, tensor }) =>
    [code, file?.slice(FOLDER.length + 1), tensor].filter((part) => part !== undefined).join(" "),
  );
}

/** What is found in an output that was changed, told by code, file and tensor. */
export async function damage(
  files: Files,
  changes: Parameters<typeof withChanges>[1],
): Promise<readonly string[]> {
  return placesOf((await verified(withChanges(files, changes))).problems);
}

/** A storage of the files. */
export function storageOf(files: Files): ReturnType<typeof memoryStorage> {
  return memoryStorage(new Map([...files].map(([name, bytes]) => [`${FOLDER}/${name}`, bytes])));
}

export const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
