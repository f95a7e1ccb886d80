import { TensorweldError } from "../errors.ts";
import type { Outcome, ProblemCode } from "../errors.ts";

/** What a person can do about an error of the operating system, and whether waiting may be enough. */
interface Advice {
  readonly hint: string;
  readonly retryable: boolean;
}

const advice: ReadonlyMap<string, Advice> = new Map([
  ["ENOSPC", { hint: "free some space on that disk, or write to another one", retryable: true }],
  ["EDQUOT", { hint: "your disk quota is used up: free some space, or write elsewhere", retryable: true }],
  [
    "EFBIG",
    { hint: "the file system allows no file of this size: lower --max_shard_size", retryable: false },
  ],
  ["EACCES", { hint: "check the permissions of the file and of the folders above it", retryable: false }],
  ["EPERM", { hint: "check the permissions, and that no other program has it open", retryable: false }],
  ["EROFS", { hint: "that file system is read-only: write elsewhere", retryable: false }],
  ["EBUSY", { hint: "another program is using it", retryable: true }],
  ["EMFILE", { hint: "too many files are open: raise the limit (ulimit -n)", retryable: true }],
  ["ENFILE", { hint: "too many files are open on this machine", retryable: true }],
  ["EIO", { hint: "the device reports a fault: check the disk", retryable: true }],
  ["ESTALE", { hint: "the network file system has lost the file: try again", retryable: true }],
  ["ETIMEDOUT", { hint: "the network file system does not answer: try again", retryable: true }],
]);

/** The system's short name of an error, such as `ENOENT`; undefined for errors that are not the system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** A system's error as a TensorweldError: `action` is what was being done to `file`, as in "cannot be read". */
export function fromSystemError(
  error: unknown,
  outcome: Outcome,
  code: ProblemCode,
  file: string,
  action: string,
): TensorweldError {
  const name = systemCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  const known = name === undefined ? undefined : advice.get(name);
  const problem = { code, file, message: `${action}: ${reason}`, ...(known && { hint: known.hint }) };
  return new TensorweldError(outcome, [problem], { cause: error, retryable: known?.retryable ?? false });
}
