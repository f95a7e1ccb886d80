import { describeProblem, type Problem } from "../index.ts";
import type { Console } from "./console.ts";
import { linesOf } from "./problems.ts";

/** Tells the user what speaks against a merge that goes on, on standard error. */
export function printWarnings(warnings: readonly Problem[], console: Console): void {
  for (const warning of warnings) {
    const [what, ...advice] = linesOf(warning, describeProblem, console.errPaint);
    console.err([`${console.errPaint("yellow", "warning")} ${what}`, ...advice].join("\n"));
  }
}
