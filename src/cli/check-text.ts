import { type Check, describeProblem, type Problem } from "../index.ts";
import type { Paint, Style } from "./paint.ts";
import { linesOf } from "./problems.ts";
import { bytesText, countOf } from "./quantities.ts";
import { indented } from "./table.ts";

/** What a check found as a person reads it: errors, warnings, and what the merge would take. */
export function checkLines({ errors, warnings, plan }: Check, paint: Paint): readonly string[] {
  return [
    ...section("error", errors, "red", paint),
    ...section("warning", warnings, "yellow", paint),
    plan === undefined ? "A merge would be refused." : costLine(plan.cost),
  ];
}

function section(noun: string, problems: readonly Problem[], style: Style, paint: Paint): readonly string[] {
  if (problems.length === 0) return [];
  const lines = problems.flatMap((problem) => linesOf(problem, describeProblem, paint));
  return [paint("bold", paint(style, countOf(problems.length, noun))), ...indented(lines), ""];
}

function costLine({ bytesRead, bytesWritten, peakBytes }: NonNullable<Check["plan"]>["cost"]): string {
  const [read, memory, disk] = [bytesRead, peakBytes, bytesWritten].map(bytesText);
  return `A merge would read ${read}, and take ${memory} of memory and ${disk} of disk.`;
}
