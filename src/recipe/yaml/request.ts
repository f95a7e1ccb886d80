import { type Problem, refuseIfAny } from "../../errors.ts";
import type { RequestContext } from "../config.ts";
import type { FlagName } from "../flags.ts";
import { flags } from "../flags.ts";
import { outputChoices } from "../output-choices.ts";
import { outputProblems } from "../output-place.ts";
import { type FlagReading, readFlags } from "../read-flags.ts";
import type { Request } from "../recipe.ts";
import { referencesOf } from "../references.ts";
import { readSettings } from "../settings.ts";
import { showValue } from "../show-value.ts";
import { type FileMerge, readRecipeFile, type RecipeFileContext } from "./recipe-file.ts";

/** What the meaning of a recipe file and of flags beside it depends on. */
export type FileRequestContext = RequestContext & RecipeFileContext;

/**
 * The request that a recipe file makes, with flags beside it that say where its output goes and how the work is done.
 * @param file the file's path, for messages.
 * @param config flags; those that say what is merged, and how, are refused: the file says that.
 * @throws TensorweldError `refused`, with everything that is wrong with the file and the flags.
 */
export async function parseFileRequest(
  text: string,
  file: string,
  config: unknown,
  context: FileRequestContext,
): Promise<Request> {
  const reading = readFlags(config);
  const contents = await readRecipeFile(text, file, { ...context, lenient: reading.values.lenient });
  const { output_path: output, dtype } = reading.values;
  const outputPath = output === undefined ? "" : context.resolve(output);
  const settings = readSettings(reading, outputPath, context);
  const choices = outputChoices(reading);
  refuseIfAny([
    ...reading.problems,
    ...contradictions(reading),
    ...contradictingType(reading, contents.merges),
    ...outputProblems(
      reading,
      outputPath,
      contents.merges.flatMap(({ recipe }) => referencesOf(recipe)),
    ),
    ...settings.problems,
    ...choices.problems,
    ...contents.problems,
  ]);

  const recipes = contents.merges.map(({ name, recipe }) => ({
    name,
    recipe: { ...recipe, ...choices.value },
  }));
  // Without a merge there was a problem.
  const last = recipes.pop()!;
  const merges = recipes.flatMap(({ name, recipe }) => (name === undefined ? [] : [{ name, recipe }]));
  return {
    recipe: {
      ...last.recipe,
      ...(dtype && { dtype }),
      ...(merges.length > 0 && { merges }),
      source: text,
    },
    settings: settings.value,
    places: contents.places,
    notices: [...reading.notices, ...settings.notices, ...choices.notices, ...contents.notices],
  };
}

/** Flags on models and methods: a file and they would each say what is merged. */
function contradictions({ given }: FlagReading): readonly Problem[] {
  return [...flags]
    .filter(([name, { group }]) => given.has(name) && (group === "Method" || group === "Models"))
    .filter(([name]) => !goesWithFile.has(name))
    .map(([key]) => ({
      code: "request/contradiction",
      key,
      message: "says what is merged, which the recipe file says already",
      hint: "leave it out, or edit the recipe",
    }));
}

/** The seed is in no recipe, nor which family of weight files is read. */
const goesWithFile: ReadonlySet<FlagName> = new Set<FlagName>(["seed", "merge_prefix"]);

function contradictingType({ values }: FlagReading, merges: readonly FileMerge[]): readonly Problem[] {
  const written = merges.at(-1)?.recipe.dtype;
  if (written === undefined || values.dtype === undefined || written === values.dtype) return [];
  const message = `is ${showValue(values.dtype)}, but the recipe file says ${showValue(written)}`;
  return [{ code: "request/contradiction", key: "dtype", message, hint: "leave one of the two out" }];
}
