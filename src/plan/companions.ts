import type { Problem } from "../errors.ts";
import { isWeightFile } from "../formats/weight-files.ts";
import { strayTarget } from "../io/own-files.ts";
import type { Storage } from "../io/storage.ts";
import { MANIFEST_NAME } from "../manifest/manifest.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { advised } from "./checks/advised.ts";
import { leadingModel, type Models } from "./models.ts";
import type { Companion } from "./plan.ts";

export interface CompanionFiles {
  readonly companions: readonly Companion[];
  readonly bytes: number;
  readonly problems: readonly Problem[];
  /** That files stay behind because they are not the model's own. */
  readonly warnings: readonly Problem[];
}

/** Files in which a merge speaks of its own output; beside another one they would lie. */
const ownRecords: readonly string[] = [MANIFEST_NAME, "merge_report.json"];

/**
 * The files to copy beside the weights: of the leading model's folder those the recipe names, or all that hold no
 * weights. Hidden files and folders stay behind, as do names in `reserved`, which the output has of its own, and links
 * out of the folder: outputs are published, and what a stranger's link leads to may be a secret of this machine.
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
  const strays: Problem[] = [];
  let bytes = 0;
  // Some systems take names for the same that differ in case.
  const taken = new Set([...reserved, ...ownRecords].map((name) => name.toLowerCase()));
  for (const name of names) {
    if (taken.has(name.toLowerCase())) {
      if (recipe.companions !== undefined) problems.push(ownFile(name));
      continue;
    }
    const from = storage.join(folder, name);
    const entry = await storage.look(from);
    if (entry?.kind !== "file") {
      if (recipe.companions !== undefined) problems.push(missing(folder, name));
      continue;
    }
    const target = await strayTarget(storage, folder, from);
    if (target === undefined) {
      companions.push({ from, name });
      bytes += entry.size;
    } else if (recipe.companions === undefined) {
      const message = `leads out of the model's folder, to ${target}; it is not copied`;
      strays.push({ code: "check/link", file: from, message });
    } else {
      problems.push(stray(folder, name, target));
    }
  }
  return { companions, bytes, problems, warnings: advised(strays, adviceOnStrays) };
}

const adviceOnStrays =
  "if it belongs to the model, put the file itself there in place of the link; else name the files to copy with " +
  "--copy_file_list";

function isCompanion(name: string): boolean {
  return !name.startsWith(".") && !isWeightFile(name);
}

async function folderOf(storage: Storage, path: string): Promise<string> {
  return (await storage.look(path))?.kind === "folder" ? path : storage.parentOf(path);
}

function ownFile(name: string): Problem {
  const message = `names ${JSON.stringify(name)}, which the merge writes itself`;
  const hint = "leave it out";
  return { code: "request/invalid-value", key: "copy_file_list", message, hint };
}

function missing(folder: string, name: string): Problem {
  return {
    code: "request/invalid-value",
    key: "copy_file_list",
    message: `${JSON.stringify(name)} is no file in ${folder}`,
    hint: "name files of the base model's folder, or of the first model's when there is no base",
  };
}

function stray(folder: string, name: string, target: string): Problem {
  return {
    code: "check/link",
    key: "copy_file_list",
    message: `${JSON.stringify(name)} in ${folder} leads out of that folder, to ${target}`,
    hint: "if it belongs to the model, put the file itself there in place of the link",
  };
}
