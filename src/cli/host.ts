import type * as library from "../index.ts";
import type { Console } from "./console.ts";

/** What the library does for the commands; tests put something quicker in its place. */
export type Engine = Pick<
  typeof library,
  "plan" | "check" | "explain" | "execute" | "inspect" | "verify" | "devices" | "readConfig" | "readRecipe"
>;

/** What a command needs of the process it runs in; tests bring their own. */
export interface Host {
  readonly console: Console;
  readonly engine: Engine;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The version of the package. */
  readonly version: string;
  /** Whether unexpected errors show where they come from. */
  readonly debug: boolean;
  /** Milliseconds since some moment. */
  now(): number;
  /** The most memory the process has held so far, in bytes. */
  peakBytes(): number;
}
