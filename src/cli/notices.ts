import type { Console } from "./console.ts";
import { printable } from "./printable.ts";

/** Tells the user what was decided for them, on standard error. */
export function printNotices(notices: readonly string[], console: Console): void {
  for (const notice of notices) {
    console.err(`${console.errPaint("yellow", "note")} ${printable(notice)}`);
  }
}
