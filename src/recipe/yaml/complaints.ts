import { LineCounter } from "yaml";
import { describeProblem, type Problem, type ProblemCode } from "../../errors.ts";
import { maxProblemsPerFile, type ProblemList, problemList } from "../../formats/problem-list.ts";
import type { Findings } from "../findings.ts";
import type { Spot } from "./tree.ts";

/** A recipe's text, and how strictly it is read. */
export interface RecipeText {
  readonly text: string;
  /** The file's path, for messages. */
  readonly file: string;
  /** Whether what mergekit would overlook is overlooked, too, with a notice. */
  readonly lenient: boolean;
}

interface Complaint {
  /** A sentence without a final full stop that names what was found and what is wanted. */
  readonly message: string;
  /** What to do, as an instruction. */
  readonly hint?: string | undefined;
  /** `request/invalid-value` when absent. */
  readonly code?: ProblemCode;
}

/** Collects what is wrong with a recipe, and what there is to tell, each with its line and column. */
export class Complaints implements Findings {
  private readonly told: (Spot & { readonly text: string })[] = [];
  private readonly source: RecipeText;
  private readonly list: ProblemList;
  private readonly lines = new LineCounter();

  constructor(source: RecipeText) {
    this.source = source;
    this.lines.addNewLine(0);
    for (const { index } of source.text.matchAll(/\n/g)) this.lines.addNewLine(index + 1);
    this.list = problemList(source.file);
  }

  /** In the order of the text; of very many the first that were found, and how many more there are. */
  get problems(): readonly Problem[] {
    return this.list.all().toSorted((one, other) => {
      const [line, otherLine] = [one.line ?? Infinity, other.line ?? Infinity];
      return line === otherLine ? (one.column ?? 0) - (other.column ?? 0) : line - otherLine;
    });
  }

  /** In the order of the text. */
  get notices(): readonly string[] {
    return this.told.toSorted((one, other) => one.offset - other.offset).map(({ text }) => text);
  }

  /** Says that the recipe can't be merged as it is. */
  refuse(at: Spot, { message, hint, code = "request/invalid-value" }: Complaint): void {
    this.list.add({ code, ...this.placeOf(at), message, ...(hint !== undefined && { hint }) });
  }

  /**
   * Says that something has no effect that its author meant to have one: refused or, where asked for, ignored.
   * @returns whether it was refused.
   */
  refuseUnlessLenient(at: Spot, complaint: Complaint): boolean {
    const { lenient } = this.source;
    if (lenient) this.notice(at, `${complaint.message}; it is ignored`);
    else this.refuse(at, complaint);
    return !lenient;
  }

  /** @param message what there is to say about the place, without a final full stop. */
  notice(at: Spot, message: string): void {
    if (this.told.length === maxProblemsPerFile) return;
    const { file } = this.source;
    const text = describeProblem({ code: "request/invalid-value", file, ...this.placeOf(at), message });
    this.told.push({ offset: at.offset, text: `${text}.` });
  }

  /** Line and column of a place in the text, both from 1. */
  placeOf({ offset }: Spot): { readonly line: number; readonly column: number } {
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }
}
