import type { Problem } from "../errors.ts";
import type { FlagName } from "./flags.ts";
import type { FlagReading } from "./read-flags.ts";
import type { ModelReference } from "./recipe.ts";

/** What is wrong with the output's path as a text: it is missing, or it is or holds an input, or lies in one. */
export function outputProblems(
  { given }: FlagReading,
  outputPath: string,
  models: readonly ModelReference[],
): readonly Problem[] {
  if (!given.has("output_path"))
    return [missingFlag("output_path", "name a folder to create for the merged model")];
  const inputs = models.flatMap(({ path, adapter, merge }) => [
    ...(merge === undefined ? [path] : []),
    ...(adapter === undefined ? [] : [adapter]),
  ]);
  return [...new Set(inputs)].flatMap((input) => outputAndInput(outputPath, input));
}

/** Says that a flag is not there. */
export function missingFlag(key: FlagName, hint: string): Problem {
  return { code: "request/missing-value", key, message: "is missing", hint };
}

/** An output and an input may not hold each other: one would be read while it is written, or replaced with it. */
function outputAndInput(output: string, input: string): readonly Problem[] {
  const message =
    output === input
      ? `${output} is one of the inputs`
      : isInside(output, input)
        ? `${output} is inside the input ${input}`
        : isInside(input, output)
          ? `${output} holds the input ${input}`
          : undefined;
  if (message === undefined) return [];
  return [{ code: "output/is-input", key: "output_path", message, hint: "name a folder of its own" }];
}

/** Whether the path `inner` lies below the folder `outer`; both are absolute. */
function isInside(inner: string, outer: string): boolean {
  const folder = outer.replace(/[/\\]+$/, "");
  return outer !== "" && inner.startsWith(folder) && /^[/\\]/.test(inner.slice(folder.length));
}
