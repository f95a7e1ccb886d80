import type { Awaitable } from "../awaitable.ts";

/** Positional writing into one file that already has its final length. */
export interface ByteSink {
  readonly path: string;
  /**
   * Writes all of `from` at offset `at`; calls may come in any order and from several workers.
   * @throws TensorweldError `io/write` when the system refuses.
   */
  write(from: Uint8Array, at: number): Awaitable<void>;
  close(): Awaitable<void>;
}
