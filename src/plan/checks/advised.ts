import type { Problem } from "../../errors.ts";

/** Problems that have one cure: the last of them says it, below all the others. */
export function advised(problems: readonly Problem[], hint: string): readonly Problem[] {
  const last = problems.at(-1);
  return last === undefined ? [] : [...problems.slice(0, -1), { ...last, hint }];
}
