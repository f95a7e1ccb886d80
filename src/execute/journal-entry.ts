import type { PieceResult } from "./piece-result.ts";
import type { Piece } from "./ticket.ts";

/** A piece that was written, and what became of it. */
export interface PieceEntry {
  readonly kind: "piece";
  readonly tensor: string;
  readonly firstElement: number;
  readonly elements: number;
  readonly result: PieceResult;
}

/** A tensor that all workers shared, pass by pass, and that is done; what was observed of it. */
export interface TensorEntry {
  readonly kind: "tensor";
  readonly tensor: string;
  readonly observed: readonly number[];
}

export type JournalEntry = PieceEntry | TensorEntry;

/** The entry of a piece that was written; none for one whose pass only reduced. */
export function pieceEntries(piece: Piece, result: PieceResult): readonly JournalEntry[] {
  const { tensor, firstElement, elements, pass } = piece;
  // Counts of a pass that also writes are of no further use, and too long to keep.
  const isKept = pass?.emits !== false && !(result.kind === "passed" && result.partials.tallies.length > 0);
  return isKept ? [{ kind: "piece", tensor, firstElement, elements, result }] : [];
}

/** An entry as one line of JSON, without the line's end. */
export function entryText(entry: JournalEntry): string {
  if (entry.kind === "tensor") return JSON.stringify({ ...entry, observed: numbersText(entry.observed) });
  return JSON.stringify({ ...entry, result: storedResult(entry.result) });
}

/** The entry in a line; undefined when the line is no such thing, as after a fault of the disk. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(line) as JournalEntry & { observed: string; result: StoredResult };
    if (entry.kind === "tensor") return { ...entry, observed: numbersOf(entry.observed) };
    return entry.kind === "piece" ? { ...entry, result: resultOf(entry.result) } : undefined;
  } catch {
    return undefined;
  }
}

/** A piece's result with its numbers as text: JSON has no NaN, no infinity and no negative zero. */
interface StoredResult {
  readonly kind: PieceResult["kind"];
  readonly same?: boolean;
  readonly reductions?: readonly string[];
  readonly observed?: string;
  readonly hashes: string;
  readonly gpu?: string;
}

function storedResult(result: PieceResult): StoredResult {
  const hashes = [...result.hashes].map((hash) => hash.toString(16)).join(" ");
  const done = { hashes, ...(result.gpu !== undefined && { gpu: result.gpu }) };
  switch (result.kind) {
    case "copied":
      return { kind: "copied", same: result.same, ...done };
    case "passed":
      return { kind: "passed", reductions: result.partials.reductions.map(numbersText), ...done };
    case "merged":
      return { kind: "merged", observed: numbersText(result.observed), ...done };
  }
}

function resultOf({ kind, same, reductions, observed, hashes: text, gpu }: StoredResult): PieceResult {
  const hashes = BigUint64Array.from(text === "" ? [] : text.split(" "), (digits) => BigInt(`0x${digits}`));
  const done = { hashes, ...(gpu !== undefined && { gpu }) };
  switch (kind) {
    case "copied":
      return { kind, same: same!, ...done };
    case "passed": {
      const partials = {
        reductions: reductions!.map((row) => Float64Array.from(numbersOf(row))),
        tallies: [],
      };
      return { kind, partials, ...done };
    }
    case "merged":
      return { kind, observed: numbersOf(observed!), ...done };
  }
}

function numbersText(numbers: Iterable<number>): string {
  return Array.from(numbers, (number) => (Object.is(number, -0) ? "-0" : String(number))).join(" ");
}

function numbersOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(" ").map(Number);
}
