import type { Combination } from "../methods/formula.ts";
import { combinationName } from "./combination-name.ts";
import { type Findings, nothingFound } from "./findings.ts";
import { flags, type FlagName } from "./flags.ts";
import type { MethodChoice } from "./method-choice.ts";
import { readParameters } from "./parameters.ts";
import { defaultOf, type FlagReading } from "./read-flags.ts";
import { equalShares, impossibleSum } from "./weights.ts";

/** What is done to the models; absent when it is not known which method does it. */
export interface CombinationReading extends Findings {
  readonly value?: Combination;
}

/**
 * The chosen sparsifier and method with the values of all their parameters, each checked against what it declares.
 * @param models how many there are; 0 when that is not known, and then no list's length is wrong.
 */
export function readCombination(
  { sparsifier, method }: MethodChoice,
  reading: FlagReading,
  models: number,
): CombinationReading {
  if (method === undefined) return nothingFound;
  const thinning = sparsifier === undefined ? undefined : readParameters(sparsifier, reading, models);
  const merging = readParameters(method, reading, models);
  const shares = equalShares(method, reading);
  const parameters = { ...merging.values, ...shares.values };
  const value = {
    ...(sparsifier && { sparsify: { method: sparsifier.name, parameters: thinning?.values ?? {} } }),
    merge: { method: method.name, parameters },
  };
  return {
    value,
    problems: [...(thinning?.problems ?? []), ...merging.problems, ...impossibleSum(parameters)],
    notices: [...shares.notices, ...idleFlags(value, reading)],
  };
}

/** Notices for flags that were set to something, and that neither sparsifier nor method takes. */
function idleFlags(combination: Combination, { given, values }: FlagReading): readonly string[] {
  const { sparsify, merge } = combination;
  const taken = { ...sparsify?.parameters, ...merge.parameters };
  return [...flags.values()]
    .filter(({ parameter }) => parameter !== undefined && !(parameter in taken))
    .filter((flag) => given.has(flag.name as FlagName))
    .filter((flag) => values[flag.name as FlagName] !== defaultOf(flag))
    .map((flag) => `${flag.name} has no effect on ${combinationName(combination)}.`);
}
