import { describeProblem, type Problem, type Verification } from "../index.ts";
import type { Paint } from "./paint.ts";
import { linesOf } from "./problems.ts";
import { bytesText, countOf, countText, durationText, rateText } from "./quantities.ts";
import { indented, tableLines } from "./table.ts";

/** Names of tensors that are shown where there may be many; JSON has all. */
const SHOWN_NAMES = 3;

/** What a verification found as a person reads it: whether all is well, the damage, and what was read. */
export function verificationLines(found: Verification, seconds: number, paint: Paint): readonly string[] {
  const { problems, hasManifest, tensors, files, bytes, path } = found;
  const rows = [
    ["tensors", countText(tensors)],
    ["files", countText(files)],
    ["bytes", bytesText(bytes)],
    ["NaN, inf", nonFiniteText(found)],
    ["time", `${durationText(seconds)}, ${rateText(bytes, seconds)}`],
    ["output", path],
  ];
  return [
    ...(problems.length > 0 ? damageLines(problems, paint) : [paint("bold", verdict(hasManifest))]),
    ...indented(tableLines(rows, ["left", "left"])),
  ];
}

function verdict(hasManifest: boolean): string {
  return hasManifest ? "Whole: every byte is as it was written." : "Well-formed, and compared with nothing.";
}

/** The problems; what to do stands once below those that follow each other and have it in common. */
function damageLines(problems: readonly Problem[], paint: Paint): readonly string[] {
  const lines = problems.flatMap(({ hint, ...problem }, index) => {
    const isLast = hint !== undefined && hint !== problems[index + 1]?.hint;
    return linesOf(isLast ? { ...problem, hint } : problem, describeProblem, paint);
  });
  return [
    paint("bold", paint("red", `Damaged: ${countOf(problems.length, "problem")}`)),
    ...indented(lines),
    "",
  ];
}

function nonFiniteText({ nonFinite, hasManifest, problems }: Verification): string {
  const holders = nonFinite.filter(({ found }) => found > 0);
  if (holders.length === 0) return "none";
  const elements = holders.reduce((sum, { found }) => sum + found, 0);
  const names = holders.slice(0, SHOWN_NAMES).map(({ tensor }) => JSON.stringify(tensor));
  const more = holders.length > names.length ? " and others" : "";
  const isAsWritten = hasManifest && problems.length === 0;
  const count = `${countOf(elements, "element")} in ${countOf(holders.length, "tensor")}`;
  return `${count}: ${names.join(", ")}${more}${isAsWritten ? "; all as written" : ""}`;
}
