import type { Problem } from "../errors.ts";

/** What became of an output since it was written. */
export interface Verification {
  /** The output's folder, absolute. */
  readonly path: string;
  /** What is not as it was written, or broken; the output is whole when there is none. */
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
  /** Whether there is a manifest to compare with. Without it, structure is checked, and what is NaN is counted. */
  readonly hasManifest: boolean;
  /** Tensors and files that were read to their ends, and the bytes of all that was read. */
  readonly tensors: number;
  readonly files: number;
  readonly bytes: number;
  /** Tensors with elements that are NaN or infinite, or that had such when they were written. */
  readonly nonFinite: readonly NonFiniteTensor[];
}

export interface NonFiniteTensor {
  readonly tensor: string;
  /** Elements that are NaN or infinite. */
  readonly found: number;
  /** As many as the merge wrote; absent when it did not count them, or nothing says what it did. */
  readonly recorded?: number;
}
