import { describeProblem } from "../../../src/errors.ts";
import type { FileRecipe } from "../../../src/recipe/yaml/assemble.ts";
import {
  parseRecipeFile,
  type RecipeFile,
  type RecipeFileContext,
} from "../../../src/recipe/yaml/recipe-file.ts";
import { refusal } from "../../support/refusal.ts";

/**
 * A machine whose current folder is /here, where every path of one letter exists, and those that are listed; in the
 * cache there is org/model.
 */
export function context(...paths: readonly string[]): RecipeFileContext {
  const resolve = (path: string): string => (path.startsWith("/") ? path : `/here/${path}`);
  const there = new Set(paths.map(resolve));
  return {
    resolve,
    exists: (path) => /^\/here\/[a-z]$/.test(path) || there.has(path),
    findInHub: (name, revision = "main") => {
      const searched = `/cache/${name}/refs/${revision}`;
      return name === "org/model" ? { folder: `/cache/${name}/${revision}`, searched } : { searched };
    },
  };
}

/** What a text says, with some paths there besides those of one letter. */
export async function parse(text: string, ...paths: readonly string[]): Promise<RecipeFile> {
  return parseRecipeFile(text, "r.yml", context(...paths));
}

/** The recipe of a text with one merge, about which there is nothing to tell. */
export async function recipeOf(text: string, ...paths: readonly string[]): Promise<FileRecipe> {
  const { merges, notices } = await parse(text, ...paths);
  if (merges.length !== 1 || notices.length > 0) throw new Error(JSON.stringify({ merges, notices }));
  return merges[0]!.recipe;
}

/** What a text with nothing wrong in it has its reader told. */
export async function noticesOf(text: string): Promise<readonly string[]> {
  return (await parse(text)).notices;
}

/** What a text is refused for, a line each. */
export async function problemsOf(text: string, ...paths: readonly string[]): Promise<readonly string[]> {
  return (await refusal(parse(text, ...paths))).problems.map(describeProblem);
}

/** The rules of a text's recipe for one parameter, without what is the same in all of them. */
export async function rulesOf(text: string, name: string): Promise<readonly object[]> {
  const { rules = [] } = await recipeOf(text);
  return rules
    .filter(({ parameter }) => parameter === name)
    .map((rule) =>
      Object.fromEntries(Object.entries(rule).filter(([key]) => key !== "step" && key !== "parameter")),
    );
}
