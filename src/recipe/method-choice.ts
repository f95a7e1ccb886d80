import type { Problem } from "../errors.ts";
import type { Method, Sparsifier } from "../methods/define.ts";
import { methods, pairs, sparsifiers } from "../methods/index.ts";
import { NO_SPARSIFIER } from "./combination-name.ts";
import { type Findings, nothingFound } from "./findings.ts";
import type { FlagName } from "./flags.ts";
import type { FlagReading } from "./read-flags.ts";

/** What the flags ask for; without a method there is a problem. */
export interface MethodChoice extends Findings {
  /** What thins out each model; absent when nothing does. */
  readonly sparsifier?: Sparsifier;
  readonly method?: Method;
}

/** What puts the models together where only a sparsifier is named. */
const DEFAULT_MERGE = "linear";

const names: readonly FlagName[] = ["merge_method", "sparsify_type", "merge_type"];

/** Finds what merge_method, or sparsify_type and merge_type, ask for. */
export function chooseMethod(reading: FlagReading): MethodChoice {
  const { given, values, problems } = reading;
  // Beside a name that was refused, the others could only be misunderstood.
  if (problems.some(({ key }) => names.some((name) => name === key))) return nothingFound;

  const { merge_method: name, sparsify_type: sparsify, merge_type: merge } = values;
  if (!given.has("merge_method") && (sparsify ?? merge) !== undefined) return choiceOf(sparsify, merge);
  // The flag takes no other names than those of pairs.
  const pair = pairs.get(name)!;
  const contradictions = [
    ...contradiction(name, "sparsify_type", pair.sparsify ?? NO_SPARSIFIER, sparsify),
    ...contradiction(name, "merge_type", pair.merge, merge),
  ];
  if (contradictions.length > 0) return { problems: contradictions, notices: [] };
  return choiceOf(pair.sparsify, pair.merge);
}

function choiceOf(sparsify = NO_SPARSIFIER, merge = DEFAULT_MERGE): MethodChoice {
  const sparsifier = sparsifiers.get(sparsify);
  const method = methods.get(merge);
  return { ...(sparsifier && { sparsifier }), ...(method && { method }), ...nothingFound };
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
