import type { Problem } from "../errors.ts";
import type { InputFile } from "../formats/checkpoint.ts";
import { isWithin } from "../io/own-files.ts";
import type { Storage } from "../io/storage.ts";
import type { Recipe } from "../recipe/recipe.ts";

/**
 * The problem that the output and an input hold each other once links are followed, which their paths do not show: one
 * would be read while it is written, or deleted with what an overwritten output replaces. Of several inputs the first
 * is named.
 */
export async function overlapProblems(
  storage: Storage,
  outputPath: string,
  { base, models }: Recipe,
  files: readonly InputFile[],
): Promise<readonly Problem[]> {
  const output = await realOutput(storage, outputPath);
  const references = base === undefined ? models : [base, ...models];
  const named = references.flatMap(({ path, adapter }) => (adapter === undefined ? [path] : [path, adapter]));
  for (const input of new Set([...named, ...files.map(({ path }) => path)])) {
    const real = await storage.realPath(input);
    const holdsInput = isWithin(storage, real, output);
    if (!holdsInput && !isWithin(storage, output, real)) continue;
    const message = `leads to ${output}, which ${holdsInput ? "holds" : "is inside"} the input ${input} (${real})`;
    const hint = "name a folder of its own";
    return [{ code: "output/is-input", key: "output_path", file: outputPath, message, hint }];
  }
  return [];
}

/** Where the output will be, with no link in the part of its path that is there already. */
async function realOutput(storage: Storage, path: string): Promise<string> {
  const isThere = (await storage.look(path)) !== undefined;
  if (isThere || storage.parentOf(path) === path) return storage.realPath(path);
  return storage.join(await realOutput(storage, storage.parentOf(path)), storage.nameOf(path));
}
