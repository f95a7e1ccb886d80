import type { Problem } from "../errors.ts";
import { isWeightFile } from "../formats/weight-files.ts";
import type { Storage } from "../io/storage.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { leadingModel, type Models } from "./models.ts";
import type { Companion } from "./plan.ts";

export interface CompanionFiles {
  readonly companions: readonly Companion[];
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

/**
 * The files to copy beside the weights: of the leading model's folder those the recipe names, or all that hold no
 * weights. Hidden files and folders stay behind, as do names in `reserved`, which the output has of its own.
 */
export async function companionFiles(
  storage: Storage,
  models: Models,
  recipe: Recipe,
  reserved: readonly string[],
): Promise<CompanionFiles> {
  const folder = await folderOf(storage, leadingModel(models).checkpoint.path);
  const names = recipe.companions ?? (await storage.list(folder)).filter(isCompanion);
  const companions: Companion[] = [];
  const problems: Problem[] = [];
  let bytes = 0;
  for (const name of names.filter((candidate) => !reserved.includes(candidate))) {
    const from = storage.join(folder, name);
    const entry = await storage.look(from);
    if (entry?.kind === "file") {
      companions.push({ from, name });
      bytes += entry.size;
    } else if (recipe.companions !== undefined) {
      problems.push(missing(folder, name));
    }
  }
  return { companions, bytes, problems };
}

function isCompanion(name: string): boolean {
  return !name.startsWith(".") && !isWeightFile(name);
}

async function folderOf(storage: Storage, path: string): Promise<string> {
  return (await storage.look(path))?.kind === "folder" ? path : storage.parentOf(path);
}

function missing(folder: string, name: string): Problem {
  return {
    code: "request/invalid-value",
    key: "copy_file_list",
    message: `${JSON.stringify(name)} is no file in ${folder}`,
    hint: "name files of the base model's folder, or of the first model's when there is no base",
  };
}
