import { didYouMean } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Method } from "../methods/define.ts";
import { nothingFound } from "./findings.ts";
import type { Findings } from "./findings.ts";
import type { FlagName } from "./flags.ts";
import type { FlagReading } from "./read-flags.ts";
import { showValue } from "./show-value.ts";

/** What thins out each model, and what puts the models together. */
interface Pair {
  readonly sparsify: string;
  readonly merge: string;
}

const noSparsifier = "none";

/** The names of pairs that PaddleNLP's `merge_method` knows; any other name is that of a method by itself. */
const pairs: ReadonlyMap<string, Pair> = new Map([
  ["linear", { sparsify: noSparsifier, merge: "linear" }],
  ["slerp", { sparsify: noSparsifier, merge: "slerp" }],
  ["ties", { sparsify: "trim", merge: "ties" }],
  ["della", { sparsify: "magprune", merge: "ties" }],
  ["della_linear", { sparsify: "magprune", merge: "linear" }],
  ["dare_linear", { sparsify: "dare", merge: "linear" }],
  ["dare_ties", { sparsify: "dare", merge: "ties" }],
]);

/** The method that the flags name; without one there is a problem. */
export interface MethodChoice extends Findings {
  readonly method?: Method;
}

/** Finds the method that merge_method, or merge_type and sparsify_type, ask for. */
export function chooseMethod(reading: FlagReading, methods: ReadonlyMap<string, Method>): MethodChoice {
  const unknown = unknownNames(reading, methods);
  if (unknown.length > 0) return refused(unknown);

  const { merge_method: name, sparsify_type: sparsify, merge_type: merge } = reading.values;
  const byParts = !reading.given.has("merge_method") && (sparsify ?? merge) !== undefined;
  const pair = byParts
    ? { sparsify: sparsify ?? noSparsifier, merge: merge ?? "linear" }
    : (pairs.get(name) ?? { sparsify: noSparsifier, merge: name });
  const contradictions = [
    ...contradiction(name, "sparsify_type", pair.sparsify, sparsify),
    ...contradiction(name, "merge_type", pair.merge, merge),
  ];
  if (contradictions.length > 0) return refused(contradictions);

  const method = methods.get(pair.merge);
  if (method !== undefined && pair.sparsify === noSparsifier) return { method, ...nothingFound };
  const key = !byParts ? "merge_method" : method === undefined ? "merge_type" : "sparsify_type";
  const shown = byParts ? nameOf(pair) : name;
  const message = `${shown} is not available yet; this version has: ${[...methods.keys()].join(", ")}`;
  return refused([{ code: "request/not-available", key, message }]);
}

function refused(problems: readonly Problem[]): MethodChoice {
  return { problems, notices: [] };
}

function nameOf({ sparsify, merge }: Pair): string {
  return sparsify === noSparsifier ? merge : `${sparsify} with ${merge}`;
}

function contradiction(
  method: string,
  key: FlagName,
  meant: string,
  given: string | undefined,
): readonly Problem[] {
  if (given === undefined || given === meant) return [];
  const message = `is ${given}, but merge_method ${method} means ${key} ${meant}`;
  return [{ code: "request/contradiction", key, message, hint: "leave one of the two out" }];
}

function unknownNames({ values }: FlagReading, methods: ReadonlyMap<string, Method>): readonly Problem[] {
  const known = [...pairs.values()];
  return [
    ...unknownName("merge_method", values.merge_method, [...pairs.keys(), ...methods.keys()]),
    ...unknownName("merge_type", values.merge_type, [...known.map(({ merge }) => merge), ...methods.keys()]),
    ...unknownName(
      "sparsify_type",
      values.sparsify_type,
      known.map(({ sparsify }) => sparsify),
    ),
  ];
}

function unknownName(key: FlagName, name: string | undefined, known: readonly string[]): readonly Problem[] {
  if (name === undefined || known.includes(name)) return [];
  const names = [...new Set(known)];
  const likely = didYouMean(name, names);
  const message = `expected one of ${names.join(", ")}, got ${showValue(name)}`;
  const hint = likely !== undefined && { hint: `did you mean ${likely}?` };
  return [{ code: "request/invalid-value", key, message, ...hint }];
}
