import type { Problem } from "../../errors.ts";
import { advised } from "./advised.ts";

/** What keeps a merge from starting, and what only speaks against it. */
export interface Judgement {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** The same, warnings being errors when they are to be; the last of them says that they need not. */
export function judged({ errors, warnings }: Judgement, strict: boolean): Judgement {
  if (!strict || warnings.length === 0) return { errors, warnings };
  const { hint } = warnings.at(-1)!;
  const way = "leave --strict out to merge in spite of such warnings";
  return {
    errors: [...errors, ...advised(warnings, hint === undefined ? way : `${hint}; or ${way}`)],
    warnings: [],
  };
}
