/** How a request ended: refused before any weight was read, failed while running, or stopped by the user. */
export type Outcome = "refused" | "failed" | "interrupted";

/** The rule that was broken, as a stable name for programs; the text of a message may change, its code does not. */
export type ProblemCode =
  | "request/unknown-key"
  | "request/invalid-value"
  | "request/missing-value"
  | "request/contradiction"
  | "request/not-available"
  | "request/unreadable-config"
  | "checkpoint/not-found"
  | "checkpoint/no-weights"
  | "checkpoint/quantised"
  | "index/invalid"
  | "index/unsafe-path"
  | "index/missing-file"
  | "index/missing-tensor"
  | "safetensors/too-short"
  | "safetensors/header-length"
  | "safetensors/header-encoding"
  | "safetensors/header-json"
  | "safetensors/too-many"
  | "safetensors/duplicate-name"
  | "safetensors/metadata"
  | "safetensors/entry"
  | "safetensors/dtype"
  | "safetensors/shape"
  | "safetensors/span"
  | "safetensors/gap"
  | "safetensors/overlap"
  | "safetensors/file-end"
  | "pickle/opcode"
  | "pickle/truncated"
  | "pickle/global"
  | "pickle/stack"
  | "pickle/memo"
  | "pickle/limit"
  | "pickle/text"
  | "pickle/trailing"
  | "pdparams/structure"
  | "pdparams/array"
  | "pdparams/duplicate-name"
  | "zip/end-record"
  | "zip/directory"
  | "zip/entry"
  | "zip/name"
  | "zip/compressed"
  | "zip/overlap"
  | "pytorch/container"
  | "pytorch/structure"
  | "pytorch/storage"
  | "pytorch/tensor"
  | "pytorch/duplicate-name"
  | "adapter/not-found"
  | "adapter/configuration"
  | "adapter/unsupported"
  | "adapter/weights"
  | "adapter/unmatched"
  | "adapter/shape"
  | "plan/tensor-names"
  | "plan/tensor-shape"
  | "plan/tensor-dtype"
  | "plan/layers"
  | "plan/memory"
  | "plan/disk"
  | "check/config"
  | "check/tokenizer"
  | "check/memory"
  | "check/duplicate"
  | "check/dtype"
  | "check/link"
  | "check/rows"
  | "output/exists"
  | "output/is-input"
  | "output/link"
  | "output/mount-point"
  | "output/staging-exists"
  | "output/locked"
  | "output/not-a-model"
  | "io/read"
  | "io/short-read"
  | "io/write"
  | "io/input-changed"
  | "gpu/package"
  | "gpu/adapter"
  | "gpu/memory"
  | "gpu/lost"
  | "gpu/failed"
  | "execute/worker"
  | "execute/non-finite"
  | "execute/interrupted"
  | "verify/manifest"
  | "verify/missing"
  | "verify/unknown"
  | "verify/file"
  | "verify/header"
  | "verify/tensor"
  | "verify/non-finite"
  | "verify/interrupted";

/** One thing that is wrong: what (with both values), where, and what to do about it. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence without a final full stop that names both the value found and the value wanted. */
  readonly message: string;
  readonly file?: string;
  readonly tensor?: string;
  /** The flag or configuration key that is at fault, without dashes: `slerp_alpha`. */
  readonly key?: string;
  readonly line?: number;
  readonly column?: number;
  /** What to do, as an instruction. */
  readonly hint?: string;
}

export interface ErrorDetails {
  /** The error underneath, kept for programs and bug reports; never shown to a user by itself. */
  readonly cause?: unknown;
  /** True when the same request may succeed later: a full disk, a device that went away. */
  readonly retryable?: boolean;
}

/** The only error that Tensorweld throws on purpose: an outcome and every problem found, all at once. */
export class TensorweldError extends Error {
  override readonly name = "TensorweldError";
  readonly outcome: Outcome;
  readonly problems: readonly Problem[];
  readonly retryable: boolean;

  constructor(outcome: Outcome, problems: readonly Problem[], details: ErrorDetails = {}) {
    super(problems.map(describeProblem).join("\n"), { cause: details.cause });
    this.outcome = outcome;
    this.problems = problems;
    this.retryable = details.retryable ?? false;
  }
}

/** One line of plain text for a problem: place, message, hint. */
export function describeProblem(problem: Problem): string {
  const { file, line, column, tensor, key, message, hint } = problem;
  const position = line === undefined ? "" : `:${line}${column === undefined ? "" : `:${column}`}`;
  const place = [
    file === undefined ? "" : `${file}${position}`,
    tensor === undefined ? "" : `tensor ${JSON.stringify(shortened(tensor))}`,
    key === undefined ? "" : `--${shortened(key)}`,
  ].filter((part) => part !== "");
  const where = place.length === 0 ? "" : `${place.join(", ")}: `;
  return `${where}${message}${hint === undefined ? "" : ` (${hint})`}`;
}

/** A name that fits into a message: a file can give one of a hundred million characters. */
function shortened(name: string): string {
  const maxCharacters = 200;
  return name.length <= maxCharacters ? name : `${name.slice(0, maxCharacters)}…`;
}

/** True when `error` is a {@link TensorweldError}, also one of another copy of this package. */
export function isTensorweldError(error: unknown): error is TensorweldError {
  return error instanceof Error && error.name === "TensorweldError" && "problems" in error;
}

/** Throws a refusal that lists `problems`, or returns when there are none. */
export function refuseIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new TensorweldError("refused", problems);
}

/** The candidate closest to `name`, or undefined when none is close enough to be a slip of the keyboard. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  // A third of the letters may differ: one in short names, four in `slerp_normalize_eps`.
  const allowed = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    // What differs in length differs by as much; comparing a name of a megabyte would take a minute.
    if (Math.abs(name.length - candidate.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}

/** The error with more advice at the end of its last problem's hint. */
export function withHint(error: TensorweldError, hint: string): TensorweldError {
  const last = error.problems.at(-1)!;
  const advised = { ...last, hint: last.hint === undefined ? hint : `${last.hint}; ${hint}` };
  const problems = [...error.problems.slice(0, -1), advised];
  return new TensorweldError(error.outcome, problems, { cause: error.cause, retryable: error.retryable });
}
