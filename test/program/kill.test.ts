import { join } from "node:path";
import { expect, test } from "vitest";

import { killLoop } from "../../scripts/kill-loop/kill-loop.ts";
import { temporaryFolder } from "../support/checkpoint.ts";

/** Milliseconds: eight merges take some ten seconds on two idle cores, and a busy machine takes its time. */
const timeout = 240_000;

test(
  "merges that are killed at random moments leave a whole output or none, and resume to the same bytes",
  {
    timeout,
  },
  async () => {
    // The same in every run, but for the exact moments. `scripts/kill-loop.ts` kills as many as one likes.
    const result = await killLoop({
      merges: 8,
      seed: 20_261_124,
      parent: temporaryFolder(),
      program: join(import.meta.dirname, "../../dist/cli/main.js"),
    });
    expect(result.violations).toEqual([]);
    expect(result.merges).toBe(8);
    expect(Object.values(result.kills).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(8);
    // Nothing that the journal knows is done again.
    expect(result.resumedPieces).toBe(result.journaledPieces);
  },
);
