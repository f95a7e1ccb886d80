import type { Outcome, Problem, TensorweldError } from "../index.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { indented } from "./table.ts";

/** Exit codes by how a request ended. 130 is what shells give a program that Ctrl-C ended. */
export const exitCodes: Readonly<Record<Outcome, number>> = { refused: 2, failed: 1, interrupted: 130 };

const headings: Readonly<Record<Outcome, string>> = {
  refused: "Refused",
  failed: "Failed, and left no output",
  interrupted: "Interrupted",
};

/** The lines that tell a user what is wrong, where, and what to do. */
export function problemLines(
  { outcome, problems }: TensorweldError,
  describe: (problem: Problem) => string,
  paint: Paint,
): readonly string[] {
  const count = problems.length > 1 ? `: ${problems.length} problems` : "";
  return [
    paint("bold", paint("red", headings[outcome] + count)),
    ...indented(problems.flatMap((problem) => linesOf(problem, describe, paint))),
  ];
}

/** What is wrong and where, and on a line of its own what to do. */
export function linesOf(
  { hint, ...problem }: Problem,
  describe: (problem: Problem) => string,
  paint: Paint,
): readonly string[] {
  return [
    printable(describe(problem)),
    ...(hint === undefined ? [] : [paint("dim", `  ${printable(hint)}`)]),
  ];
}
