import { refuseIfAny } from "../../errors.ts";
import type { Findings } from "../findings.ts";
import type { ModelPlace } from "../recipe.ts";
import { assemble, type FileRecipe } from "./assemble.ts";
import { chainOf, namesOf } from "./chain.ts";
import type { Located } from "./cast.ts";
import { Complaints, type RecipeText } from "./complaints.ts";
import { readDocument } from "./document.ts";
import { locateModels, type ModelFinder } from "./locate.ts";
import { namedModels } from "./named-models.ts";
import { parseYaml } from "./parse-yaml.ts";

/** A merge of a recipe file; the output has no name unless it is alone. */
export interface FileMerge {
  readonly name?: string;
  readonly recipe: FileRecipe;
}

/** What a recipe file says. */
export interface RecipeFile {
  /** Each after those whose outputs are its models; the last is the file's output. */
  readonly merges: readonly FileMerge[];
  /** Where models are named, in the order of the text. */
  readonly places: readonly ModelPlace[];
  /** What the user should hear about the way it was understood. */
  readonly notices: readonly string[];
}

/** What the meaning of a recipe file depends on besides its text. */
export interface RecipeFileContext extends ModelFinder {
  /** Whether what mergekit overlooks, such as unknown keys, is overlooked with a notice, and not refused. */
  readonly lenient?: boolean;
}

/**
 * The merges in the text of a mergekit recipe: one YAML document, or several that refer to each other by name.
 * @param file the file's path, for messages.
 * @throws TensorweldError `refused`, with line and column of everything that is wrong with it.
 */
export async function parseRecipeFile(
  text: string,
  file: string,
  context: RecipeFileContext,
): Promise<RecipeFile> {
  const { problems, ...read } = await readRecipeFile(text, file, context);
  refuseIfAny(problems);
  return read;
}

/** The same, problems and all; without problems there is at least one merge. */
export async function readRecipeFile(
  text: string,
  file: string,
  { lenient = false, ...finder }: RecipeFileContext,
): Promise<Pick<RecipeFile, "merges" | "places"> & Findings> {
  const source: RecipeText = { text: text.replace(/^\uFEFF/, ""), file, lenient };
  const complaints = new Complaints(source);
  const { merges, located } = await readMerges(source.text, finder, complaints);
  const places = [...located].flatMap(([named, { path, adapter }]) => [
    { path, file, ...complaints.placeOf(named) },
    ...(adapter === undefined ? [] : [{ path: adapter, file, ...complaints.placeOf(named) }]),
  ]);
  return { merges, places, problems: complaints.problems, notices: complaints.notices };
}

async function readMerges(
  text: string,
  finder: ModelFinder,
  complaints: Complaints,
): Promise<{ readonly merges: readonly FileMerge[]; readonly located: Located }> {
  const trees = parseYaml(text, complaints);
  if (trees.length === 0 && complaints.problems.length === 0)
    complaints.refuse(
      { offset: 0 },
      { code: "request/unreadable-config", message: "there is no recipe in it" },
    );
  const documents = trees.flatMap((tree) => readDocument(tree, complaints) ?? []);
  const names = namesOf(documents, complaints);
  const located = await locateModels(documents.flatMap(namedModels), names, finder, complaints);
  const recipes = new Map(documents.map((document) => [document, assemble(document, located, complaints)]));
  const merges = chainOf(documents, located, complaints).flatMap((document) => {
    const recipe = recipes.get(document);
    return recipe === undefined ? [] : [{ ...(document.name && { name: document.name.text }), recipe }];
  });
  return { merges, located };
}
