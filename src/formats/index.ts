import { TensorweldError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { claims } from "./format.ts";
import type { Format, WeightPrefix } from "./format.ts";
import { missingWeights, unavailableFormat } from "./missing-weights.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { safetensors } from "./safetensors/safetensors.ts";

/** All formats that checkpoints are read from; where a folder holds several, the first counts. */
export const formats: readonly Format[] = [safetensors];

/**
 * A model's weights, from the headers of its files: `path` is its folder or one weight file.
 * @throws TensorweldError `refused`, with every problem found, when there is nothing or something broken.
 */
export async function openCheckpoint(
  storage: Storage,
  path: string,
  prefix: WeightPrefix,
): Promise<Checkpoint> {
  const absolute = storage.resolve(path);
  const entry = await storage.look(absolute);
  if (entry === undefined) throw refusal(notFound(path, absolute));
  if (entry.kind === "folder") return openFolder(storage, absolute, prefix);
  const name = storage.nameOf(absolute);
  const format = formats.find((candidate) => claims(candidate, name));
  if (format === undefined) throw refusal(unknownFile(absolute, name));
  return readCheckpoint(storage, format, absolute, absolute);
}

async function openFolder(storage: Storage, folder: string, prefix: WeightPrefix): Promise<Checkpoint> {
  const names = await storage.list(folder);
  const entries = formats.flatMap((format) => format.entryNames(prefix).map((name) => ({ format, name })));
  const found = entries.find(({ name }) => names.includes(name));
  if (found === undefined) throw refusal(missingWeights({ folder, names, prefix, formats }));
  return readCheckpoint(storage, found.format, folder, storage.join(folder, found.name));
}

function notFound(path: string, absolute: string): Problem {
  const message = "there is no such file or folder";
  // `organisation/model` and nothing else: more likely a name on the Hugging Face Hub than a folder.
  const looksLikeHubName = /^[\w-]+\/[\w.-]+$/.test(path);
  const hint = looksLikeHubName
    ? `models are read from this machine only: download it first (hf download ${path} --local-dir …)`
    : "check the path; relative ones start at the current folder";
  return { code: "checkpoint/not-found", file: absolute, message, hint };
}

function unknownFile(file: string, name: string): Problem {
  const known = formats.map((format) => format.name).join(", ");
  const message = `its name is that of no format that can be read (${known})`;
  const hint = unavailableFormat(name);
  return { code: "checkpoint/no-weights", file, message, ...(hint !== undefined && { hint }) };
}

function refusal(problem: Problem): TensorweldError {
  return new TensorweldError("refused", [problem]);
}
