import type { Paint } from "./paint.ts";

/** Where a command prints: results on one stream, everything else on another. */
export interface Console {
  /** Prints lines of a result, to standard output. */
  out(text: string): void;
  /** Prints lines of anything else, to standard error, above the status line. */
  err(text: string): void;
  /** Replaces the status line at the bottom of the terminal; an empty one removes it. Nothing without a terminal. */
  status(line: string): void;
  /** Whether standard error is a terminal that can redraw a line. */
  readonly tty: boolean;
  /** Columns of the terminal, now. */
  readonly width: number;
  readonly outPaint: Paint;
  readonly errPaint: Paint;
}
