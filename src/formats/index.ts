import { TensorweldError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { claims } from "./format.ts";
import type { Format, WeightPrefix } from "./format.ts";
import { missingWeights, unavailableFormat } from "./missing-weights.ts";
import { pdparams } from "./pdparams/pdparams.ts";
import { pytorch } from "./pytorch/pytorch.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { safetensors } from "./safetensors/safetensors.ts";

/** All formats that checkpoints are read from; where a folder holds several, the first counts. */
export const formats: readonly Format[] = [safetensors, pdparams, pytorch];

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
  return readEntry(storage, format, absolute, absolute);
}

async function openFolder(storage: Storage, folder: string, prefix: WeightPrefix): Promise<Checkpoint> {
  const names = await storage.list(folder);
  const entries = formats.flatMap((format) => format.entryNames(prefix).map((name) => ({ format, name })));
  const found = entries.find(({ name }) => names.includes(name));
  if (found === undefined) throw refusal(missingWeights({ folder, names, prefix, formats }));
  return readEntry(storage, found.format, folder, storage.join(folder, found.name));
}

async function readEntry(storage: Storage, format: Format, path: string, entry: string): Promise<Checkpoint> {
  if (format.faultBeside !== undefined) {
    const names = await storage.list(storage.parentOf(entry));
    const fault = format.faultBeside(storage.nameOf(entry), names);
    if (fault !== undefined) throw refusal({ ...fault, file: entry });
  }
  return readCheckpoint(storage, format, path, entry);
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
