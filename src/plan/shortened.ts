import type { Problem } from "../errors.ts";

/** Problems of one kind that are listed for one model; a wrong model has thousands, all alike. */
const MAX_LISTED = 20;

/** The first problems of a list, the last of them saying how many more there are and what to do. */
export function shortened(problems: readonly Problem[], hint?: string): readonly Problem[] {
  const listed = problems.slice(0, MAX_LISTED);
  const last = listed.at(-1);
  if (last === undefined) return [];
  const more = problems.length - listed.length;
  const message = more > 0 ? `${last.message}; ${more} more tensors likewise` : last.message;
  const advice = last.hint ?? hint;
  return [...listed.slice(0, -1), { ...last, message, ...(advice !== undefined && { hint: advice }) }];
}
