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

/** What a combination is called: `dare_ties`, or `trim + slerp` when it goes by no name. */
export function combinationName(combination: Combination): string {
  const { sparsify, merge } = combination;
  return pairOf(combination)?.name ?? `${sparsify?.method ?? NO_SPARSIFIER} + ${merge.method}`;
}
