import type { Problem } from "../errors.ts";
import type { Findings } from "./findings.ts";
import type { FlagName } from "./flags.ts";
import { modelText, parseModelReference } from "./model-reference.ts";
import type { FlagReading } from "./read-flags.ts";
import type { ModelReference } from "./recipe.ts";
import { showValue } from "./show-value.ts";

/** Where the models are and where the merged one goes: absolute paths; empty where the flags do not say. */
export interface Places extends Findings {
  readonly models: readonly ModelReference[];
  readonly base?: ModelReference;
  readonly outputPath: string;
}

type Resolve = (path: string) => string;

/** The paths that the flags name, made absolute by `resolve`, and what is wrong with them as texts alone. */
export function readPlaces(reading: FlagReading, resolve: Resolve): Places {
  const { output_path: output } = reading.values;
  const outputPath = output === undefined ? "" : resolve(output);
  const found =
    reading.values.lora_model_path === undefined
      ? readModels(reading, resolve)
      : readBaseAndAdapter(reading, resolve);
  const { models, base } = found;
  const references = base === undefined ? models : [...models, base];
  const inputs = new Set(
    references.flatMap(({ path, adapter }) => [path, ...(adapter === undefined ? [] : [adapter])]),
  );
  const problems = [
    ...found.problems,
    ...(reading.given.has("output_path")
      ? []
      : [missing("output_path", "name a folder to create for the merged model")]),
    ...[...inputs].flatMap((input) => outputAndInput(outputPath, input)),
  ];
  return {
    models,
    ...(base !== undefined && { base }),
    outputPath,
    problems,
    notices: baseAmongModels(found),
  };
}

type Named = Pick<Places, "models" | "base" | "problems">;

function readModels({ values, given }: FlagReading, resolve: Resolve): Named {
  const { model_path_list: list, model_path_str: text, base_model_path: basePath } = values;
  const listKey = list === undefined ? "model_path_str" : "model_path_list";
  const models = (list ?? text ?? []).map((model) => readReference(model, listKey, resolve));
  const base = basePath === undefined ? undefined : readReference(basePath, "base_model_path", resolve);
  const isNamed = given.has("model_path_list") || given.has("model_path_str");
  return {
    // Of a list that was refused no number of models can be told.
    models: models.some(({ problem }) => problem !== undefined)
      ? []
      : models.flatMap(({ reference }) => reference ?? []),
    ...(base?.reference !== undefined && { base: base.reference }),
    problems: [
      ...contradictingLists(list, text),
      ...[...models, ...(base === undefined ? [] : [base])].flatMap(({ problem }) => problem ?? []),
      ...(isNamed ? [] : [missing("model_path_list", "name the models to merge")]),
    ],
  };
}

/** `lora_model_path` and `base_model_path`: the base with one adapter, and nothing to merge it with. */
function readBaseAndAdapter({ values, given }: FlagReading, resolve: Resolve): Named {
  const { base_model_path: basePath, lora_model_path: adapter } = values;
  const base = basePath === undefined ? undefined : readReference(basePath, "base_model_path", resolve);
  const problems = [
    ...listsBesideAdapter(given),
    ...(base?.problem === undefined ? [] : [base.problem]),
    ...(base?.reference?.adapter === undefined ? [] : [secondAdapter(base.reference)]),
    ...(given.has("base_model_path")
      ? []
      : [missing("base_model_path", "name the model that the adapter of lora_model_path was trained on")]),
  ];
  const path = base?.reference?.path;
  if (path === undefined || adapter === undefined) return { models: [], problems };
  return { models: [{ path, adapter: resolve(adapter) }], problems };
}

function readReference(
  text: string,
  key: FlagName,
  resolve: Resolve,
): { readonly reference?: ModelReference; readonly problem?: Problem } {
  const reference = parseModelReference(text, resolve);
  if (reference !== undefined) return { reference };
  const message = `${showValue(text)} is no path, and no MODEL+ADAPTER`;
  const hint = "name one adapter after the +; a + that belongs to a path is written ++";
  return { problem: { code: "request/invalid-value", key, message, hint } };
}

function listsBesideAdapter(given: ReadonlySet<FlagName>): readonly Problem[] {
  const lists = (["model_path_list", "model_path_str"] as const).filter((key) => given.has(key));
  const message =
    "names models to merge, but lora_model_path merges one adapter into the base, and nothing else";
  const hint = "leave lora_model_path out and write MODEL+ADAPTER in the list, or leave the list out";
  return lists.map((key) => ({ code: "request/contradiction", key, message, hint }));
}

function secondAdapter({ adapter }: ModelReference): Problem {
  const message = `names the adapter ${showValue(adapter)} beside that of lora_model_path`;
  const hint = "name one adapter; to merge two, list MODEL+ADAPTER twice in model_path_list";
  return { code: "request/contradiction", key: "base_model_path", message, hint };
}

function baseAmongModels({ models, base }: Named): readonly string[] {
  if (base === undefined) return [];
  const text = modelText(base);
  if (!models.map(modelText).includes(text)) return [];
  return [
    `The base ${text} is also one of the models: its difference to itself, zero, is merged with the others'.`,
  ];
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
