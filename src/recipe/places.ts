import type { Problem } from "../errors.ts";
import type { Findings } from "./findings.ts";
import type { FlagReading } from "./read-flags.ts";
import { showValue } from "./show-value.ts";

/** Where the models are and where the merged one goes: absolute paths; empty where the flags do not say. */
export interface Places extends Findings {
  readonly models: readonly string[];
  readonly base?: string;
  readonly outputPath: string;
}

/** The paths that the flags name, made absolute by `resolve`, and what is wrong with them as texts alone. */
export function readPlaces(reading: FlagReading, resolve: (path: string) => string): Places {
  const { values, given } = reading;
  const {
    model_path_list: list,
    model_path_str: text,
    base_model_path: basePath,
    output_path: output,
  } = values;
  const models = (list ?? text ?? []).map(resolve);
  const base = basePath === undefined ? undefined : resolve(basePath);
  const outputPath = output === undefined ? "" : resolve(output);
  const inputs = new Set(base === undefined ? models : [...models, base]);
  const problems = [
    ...contradictingLists(list, text),
    ...(given.has("model_path_list") || given.has("model_path_str")
      ? []
      : [missing("model_path_list", "name the models to merge")]),
    ...(given.has("output_path")
      ? []
      : [missing("output_path", "name a folder to create for the merged model")]),
    ...[...inputs].flatMap((input) => outputInInput(outputPath, input)),
  ];
  const baseAmongModels = base !== undefined && models.includes(base);
  const notice = `The base ${base} is also one of the models: its difference to itself, zero, is merged with the others'.`;
  return {
    models,
    ...(base !== undefined && { base }),
    outputPath,
    problems,
    notices: baseAmongModels ? [notice] : [],
  };
}

function missing(key: string, hint: string): Problem {
  return { code: "request/missing-value", key, message: "is missing", hint };
}

function contradictingLists(
  list: readonly string[] | undefined,
  text: readonly string[] | undefined,
): readonly Problem[] {
  if (list === undefined || text === undefined || list.join("\0") === text.join("\0")) return [];
  const message = `names ${showValue(text)}, but model_path_list names ${showValue(list)}`;
  return [
    { code: "request/contradiction", key: "model_path_str", message, hint: "leave one of the two out" },
  ];
}

function outputInInput(output: string, input: string): readonly Problem[] {
  const folder = input.replace(/[/\\]+$/, "");
  const inside = output.startsWith(folder) && /^[/\\]/.test(output.slice(folder.length));
  if (output !== input && !inside) return [];
  const message = inside ? `${output} is inside the input ${input}` : `${output} is one of the inputs`;
  return [{ code: "output/is-input", key: "output_path", message, hint: "name a folder of its own" }];
}
