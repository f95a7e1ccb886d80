import type { Flag } from "../index.ts";
import type { CommandLine } from "./command-line.ts";
import type { Host } from "./host.ts";

/** A switch of the command line alone, which says nothing about the merge. */
export interface Switch {
  readonly name: string;
  readonly doc: string;
}

/** Something with a value on the command line alone. */
export interface TextOption {
  readonly name: string;
  /** What help writes for the value. */
  readonly hint: string;
  readonly doc: string;
}

export const jsonSwitch: Switch = { name: "json", doc: "Print one JSON document." };
export const quietSwitch: Switch = { name: "quiet", doc: "Print no progress and no notices." };
export const helpSwitch: Switch = { name: "help", doc: "Print this help." };

/** One command: what help says about it, what it accepts, and what it does. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Its arguments as help writes them: in brackets where they may be left out. */
  readonly argument: string;
  /** How many arguments it takes; absent: one. */
  readonly maxArguments?: number;
  /** What to do about an argument too many. */
  readonly argumentHint: string;
  readonly flags: readonly Flag[];
  readonly switches: readonly Switch[];
  readonly options?: readonly TextOption[];
  /** Arguments of complete command lines, after the program's name. */
  readonly examples: readonly string[];
  /** What help says between the flags and the examples; may be empty. */
  readonly notes: string;
  /**
   * Prints its result, and gives the exit code when that is not 0. @throws TensorweldError when there is no result.
   */
  run(line: CommandLine, host: Host): Promise<number | void>;
}
