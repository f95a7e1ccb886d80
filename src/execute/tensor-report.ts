import { TensorweldError } from "../errors.ts";
import type { Passes } from "../formula/lower.ts";
import { FINITE_INPUTS, FINITE_OUTPUTS, KEPT } from "../methods/formula.ts";
import type { Document, TensorTask } from "../plan/plan.ts";

/** What was found out about a merged tensor while it was merged. */
export interface TensorReport {
  readonly name: string;
  readonly elements: number;
  /** Elements that are NaN or infinite in some operand, and in the output. */
  readonly nonFiniteInputs: number;
  readonly nonFiniteOutputs: number;
  /** For each model, the share of elements its sparsifier kept. */
  readonly kept?: readonly number[];
  /** Values that the method observed, by name. */
  readonly values: Readonly<Record<string, number>>;
}

/** The report of a tensor from the observed values of its passes. */
export function tensorReport(
  task: TensorTask,
  { observations }: Passes,
  observed: readonly number[],
): TensorReport {
  const { name, elements } = task;
  const named = (wanted: string): readonly number[] =>
    observed.filter((_, index) => observations[index] === wanted);
  const common = new Set([FINITE_INPUTS, FINITE_OUTPUTS, KEPT]);
  const own = observations.flatMap((of, index) => (common.has(of) ? [] : [[of, observed[index]!] as const]));
  const kept = named(KEPT);
  return {
    name,
    elements,
    nonFiniteInputs: elements - named(FINITE_INPUTS)[0]!,
    nonFiniteOutputs: elements - named(FINITE_OUTPUTS)[0]!,
    ...(kept.length > 0 && { kept: kept.map((count) => count / elements) }),
    values: Object.fromEntries(own),
  };
}

/** Name of the file in the output with the reports of all tensors. */
export const REPORT_NAME = "merge_report.json";

export function reportDocument(tensors: readonly TensorReport[]): Document {
  return { name: REPORT_NAME, text: `${JSON.stringify({ tensors }, null, 2)}\n` };
}

/** Throws when a merge made NaN or infinity where all it read was finite. */
export function failIfMadeNonFinite({
  name,
  elements,
  nonFiniteInputs,
  nonFiniteOutputs,
}: TensorReport): void {
  if (nonFiniteInputs > 0 || nonFiniteOutputs === 0) return;
  const message = `the merge makes ${nonFiniteOutputs} of ${elements} elements NaN or infinite, and all it reads is finite`;
  const hint = "lower the weights, choose a --dtype with a larger range, or go on with --allow_non_finite";
  throw new TensorweldError("failed", [{ code: "execute/non-finite", tensor: name, message, hint }]);
}
