import type { Problem } from "../errors.ts";

/** What reading a part of a configuration found to refuse, and to tell. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
}

export const nothingFound: Findings = { problems: [], notices: [] };
