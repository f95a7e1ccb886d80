import { type Problem, TensorweldError } from "../errors.ts";
import type { WeightPrefix } from "../formats/format.ts";
import type { Storage } from "../io/storage.ts";
import { type Manifest, MANIFEST_NAME } from "./manifest.ts";
import { readManifest } from "./read-manifest.ts";
import type { Verification } from "./verification.ts";
import { verifyAlone } from "./verify-alone.ts";
import { Comparison } from "./verify-comparison.ts";
import { Findings } from "./verify-findings.ts";
import { VerifyCount, type WatchOptions } from "./verify-progress.ts";

/** Name of the file in an output that makes it again. */
const RECIPE_NAME = "merge_config.json";

export interface VerifyOptions extends WatchOptions {
  /** Which family of weight files is meant, where no manifest tells; `model` if absent. */
  readonly prefix?: WeightPrefix;
}

/**
 * Whether the output in `folder` is what was written: all of it is read and compared with its manifest. Of one without a
 * manifest, as other tools write, the structure is checked, and elements that are NaN or infinite are counted.
 * @throws TensorweldError `refused` when there is no such folder or no model in it, or `interrupted`.
 */
export async function verifyOutput(
  storage: Storage,
  folder: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const path = storage.resolve(folder);
  if ((await storage.look(path))?.kind === "file") throw notAFolder(storage, path);
  const found = new Findings();
  const manifest = await usableManifest(storage, path, found);
  const count =
    manifest === undefined
      ? await verifyAlone(storage, folder, options, found)
      : await compare(storage, path, manifest, options, found);
  const remedy = remedyFor(storage, path, manifest, found.problems);
  return {
    path,
    problems: found.problems.map((problem) => ({ hint: remedy, ...problem })),
    notices: found.notices,
    hasManifest: manifest !== undefined,
    tensors: count.tensorsDone,
    files: found.files,
    bytes: count.bytesDone,
    nonFinite: found.nonFinite,
  };
}

/** The manifest of an output, when there is one; what is wrong with it is found, and then there is none. */
async function usableManifest(
  storage: Storage,
  path: string,
  found: Findings,
): Promise<Manifest | undefined> {
  const manifest = await found.attempt(() => readManifest(storage, path));
  if (manifest === undefined || !("fault" in manifest)) return manifest;
  const file = storage.join(path, MANIFEST_NAME);
  found.problems.push({ code: "verify/manifest", file, message: manifest.fault });
  return undefined;
}

async function compare(
  storage: Storage,
  path: string,
  manifest: Manifest,
  options: WatchOptions,
  found: Findings,
): Promise<VerifyCount> {
  const files = [manifest.files, manifest.shards].flatMap((group) => Object.values(group));
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const tensorsTotal = Object.keys(manifest.tensors).length;
  const count = new VerifyCount({ bytesTotal, tensorsTotal }, options);
  await new Comparison(storage, path, manifest, count, found).run();
  return count;
}

/** What to do about damage; the command to merge again only where the recipe that it takes is whole. */
function remedyFor(
  storage: Storage,
  path: string,
  manifest: Manifest | undefined,
  problems: readonly Problem[],
): string {
  const remedy = "download or copy it again, or merge again";
  const recipe = storage.join(path, RECIPE_NAME);
  const isWhole = manifest?.files[RECIPE_NAME] !== undefined && problems.every(({ file }) => file !== recipe);
  return isWhole ? `${remedy}: tensorweld merge ${recipe} --output_path AGAIN` : remedy;
}

function notAFolder(storage: Storage, file: string): TensorweldError {
  const message = "is a file, where the folder of an output is needed";
  const hint = `give the folder that it is in: ${storage.parentOf(file)}`;
  return new TensorweldError("refused", [{ code: "request/invalid-value", file, message, hint }]);
}
