import type { Combination } from "../methods/formula.ts";
import { type Pair, pairs } from "../methods/index.ts";

/** What `sparsify_type` calls merging the models as they are. */
export const NO_SPARSIFIER = "none";

/** The pair that a combination is, or undefined when it goes by no name. */
export function pairOf({ sparsify, merge }: Combination): Pair | undefined {
  return [...pairs.values()].find(
    (pair) => pair.sparsify === sparsify?.method && pair.merge === merge.method,
  );
}

/** What a combination is called: `dare_ties`, or its steps when flags have no name for both: `trim + slerp`, `karcher`. */
export function combinationName(combination: Combination): string {
  const { sparsify, merge } = combination;
  const pair = pairOf(combination);
  if (pair !== undefined) return pair.name;
  // What flags call ties is trimmed first; without that step it is something else.
  const isOther = sparsify === undefined && pairs.has(merge.method);
  const first = sparsify?.method ?? (isOther ? NO_SPARSIFIER : undefined);
  return first === undefined ? merge.method : `${first} + ${merge.method}`;
}
