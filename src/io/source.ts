import type { Awaitable } from "../awaitable.ts";

/** Random access to the bytes of one file. */
export interface ByteSource {
  readonly path: string;
  /** Length in bytes when the source was opened. */
  readonly size: number;
  /** Last modification in milliseconds since 1970, to notice a file that changes under the merge. */
  readonly modified: number;
  /**
   * Fills all of `into` with the bytes from offset `at`.
   * @throws TensorweldError `io/short-read` when the file ends first, `io/read` when the system refuses.
   */
  readInto(into: Uint8Array, at: number): Awaitable<void>;
  close(): Awaitable<void>;
}
