import { PROVENANCE_KEY } from "../documents/provenance.ts";
import { refuseIfAny } from "../errors.ts";
import type { TensorInfo } from "../formats/checkpoint.ts";
import type { WeightPrefix } from "../formats/format.ts";
import { openCheckpoint } from "../formats/index.ts";
import type { Storage } from "../io/storage.ts";
import { MANIFEST_NAME } from "./manifest.ts";
import type { Findings } from "./verify-findings.ts";
import { VerifyCount, type WatchOptions } from "./verify-progress.ts";
import { TensorReader } from "./verify-tensor.ts";

export interface AloneOptions extends WatchOptions {
  readonly prefix?: WeightPrefix;
}

/**
 * Looks at the weights in `folder` that there is no manifest to compare with: their structure, and every element.
 * Returns the count of what was read. @throws TensorweldError `refused` when there are no weights, or `interrupted`.
 */
export async function verifyAlone(
  storage: Storage,
  folder: string,
  options: AloneOptions,
  found: Findings,
): Promise<VerifyCount> {
  const checkpoint = await found.attempt(() => openCheckpoint(storage, folder, options.prefix ?? "model"));
  // What is said of the folder itself, and not of a file in it, is that there is nothing to verify.
  if (found.problems.every(({ file }) => file === storage.resolve(folder))) refuseIfAny(found.problems);
  const tensors = [...(checkpoint?.tensors.values() ?? [])].toSorted((a, b) => a.offset - b.offset);
  const bytesTotal = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const count = new VerifyCount({ bytesTotal, tensorsTotal: tensors.length }, options);
  if (checkpoint === undefined) return count;

  const isMarked = checkpoint.metadata.has(PROVENANCE_KEY);
  if (isMarked && found.problems.length === 0) {
    const message =
      "is missing; the headers of the weights say that Tensorweld wrote them, and this with them";
    const file = storage.join(storage.resolve(folder), MANIFEST_NAME);
    found.problems.push({ code: "verify/missing", file, message });
  }
  found.notices.push(
    ...checkpoint.notices,
    `There is no ${MANIFEST_NAME} to go by, so the bytes are compared with nothing: the weights' structure was ` +
      "checked, and their NaN and infinite elements were counted",
  );
  const reader = new TensorReader();
  for (const { path } of checkpoint.files) {
    const inside = tensors.filter(({ file }) => file === path);
    await found.attempt(() => readFile(storage, path, inside, reader, count, found));
  }
  return count;
}

async function readFile(
  storage: Storage,
  path: string,
  tensors: readonly TensorInfo[],
  reader: TensorReader,
  count: VerifyCount,
  found: Findings,
): Promise<void> {
  const source = await storage.open(path);
  try {
    for (const tensor of tensors) {
      found.counted(tensor.name, await reader.read(source, tensor, (bytes) => count.moved(bytes)));
      count.tensorDone();
    }
    found.files++;
  } finally {
    await source.close();
  }
}
