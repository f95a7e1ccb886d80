import { type Config, flags, type Problem, TensorweldError } from "../index.ts";
import type { CommandLine } from "./command-line.ts";

/** The flag that says which weight files of a folder are meant. */
export const prefixFlag = flags.get("merge_prefix")!;

/** The one model that a command is to look at. */
export interface NamedModel {
  readonly path: string;
  readonly prefix?: NonNullable<Config["merge_prefix"]>;
}

/**
 * The model that a command line names.
 * @param missing what is said where it names none.
 * @throws TensorweldError `refused`, with everything that is wrong with the line.
 */
export function namedModel({ argument: path, config, problems }: CommandLine, missing: string): NamedModel {
  const { merge_prefix: prefix } = config;
  const unnamed: readonly Problem[] =
    path === undefined ? [{ code: "request/missing-value", message: missing }] : [];
  const wrong = [...problems, ...unnamed, ...wrongPrefix(prefix)];
  if (path === undefined || wrong.length > 0) throw new TensorweldError("refused", wrong);
  return { path, ...(prefix !== undefined && prefix !== null && { prefix }) };
}

/** The type says what a prefix is, but this one was typed. */
function wrongPrefix(typed: string | null | undefined): readonly Problem[] {
  if (typed === undefined || typed === null || prefixFlag.choices?.includes(typed)) return [];
  const message = `expected ${prefixFlag.wanted}, got ${JSON.stringify(typed)}`;
  return [{ code: "request/invalid-value", key: prefixFlag.name, message }];
}
