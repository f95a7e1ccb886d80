import type { Problem } from "../errors.ts";
import { shorten } from "./describe-json.ts";

/**
 * Problems listed for one file; the rest are counted. A broken tool breaks every tensor alike, and a hostile
 * header can hold millions of entries: fifty fill a screen and show the pattern.
 */
export const maxProblemsPerFile = 50;

/** What is wrong with one file, collected while it is checked. */
export interface ProblemList {
  readonly file: string;
  add(problem: Omit<Problem, "file">): void;
  /** The problems so far; when there are more than fit, a last one says how many. */
  all(): readonly Problem[];
}

/** An empty list for the file at path `file`. */
export function problemList(file: string): ProblemList {
  const listed: Problem[] = [];
  let last: Problem | undefined;
  let unlisted = 0;
  return {
    file,
    add(problem) {
      last = { ...problem, file, ...(problem.tensor !== undefined && { tensor: shorten(problem.tensor) }) };
      if (listed.length < maxProblemsPerFile) listed.push(last);
      else unlisted++;
    },
    all() {
      if (unlisted === 0 || last === undefined) return listed;
      return [...listed, { code: last.code, file, message: `and ${unlisted} more in this file` }];
    },
  };
}
