import type { TensorReport } from "../index.ts";
import { countOf, percentText } from "./quantities.ts";

/** A label and what stands beside it. */
type Row = readonly [label: string, text: string];

/** The digits of an observed value that are shown. */
const VALUE_DIGITS = 5;

/**
 * What was found out about the tensors of a merge, summed up; nothing where there is nothing to tell.
 * @param models the models' paths.
 */
export function findingRows(reports: readonly TensorReport[], models: readonly string[]): readonly Row[] {
  const names = new Set(reports.flatMap(({ values }) => Object.keys(values)));
  return [
    ...models.flatMap((model, index) => keptRow(reports, model, index)),
    ...[...names].map((name): Row => [name, valuesText(reports.flatMap(({ values }) => values[name] ?? []))]),
    ...nonFiniteRow(reports),
  ];
}

/** The share of a model that its sparsifier kept: of all elements, and of single tensors. */
function keptRow(reports: readonly TensorReport[], model: string, index: number): readonly Row[] {
  const thinned = reports.filter(({ kept, elements }) => kept !== undefined && elements > 0);
  if (thinned.length === 0) return [];
  const shares = thinned.map(({ kept }) => kept![index]!);
  const elements = sum(thinned.map((report) => report.elements));
  const kept = sum(thinned.map((report, tensor) => report.elements * shares[tensor]!));
  const [least, most] = rangeOf(shares);
  const byTensor = `${percentText(least)} to ${percentText(most)} by tensor`;
  return [["kept", `${percentText(kept / elements)} of ${model}, ${byTensor}`]];
}

/** How many tensors have each value, where there are one or two values; else their range. */
function valuesText(values: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size <= 2) {
    const rows = [...counts].toSorted(([a], [b]) => a - b);
    return rows.map(([value, count]) => `${valueText(value)} in ${countOf(count, "tensor")}`).join(", ");
  }
  const finite = values.filter(Number.isFinite);
  const others = values.length - finite.length;
  const range = rangeOf(finite).map(valueText).join(" to ");
  return others === 0 ? range : `${range}, NaN or infinite in ${countOf(others, "tensor")}`;
}

function nonFiniteRow(reports: readonly TensorReport[]): readonly Row[] {
  const [inputs, outputs] = [
    nonFiniteText(reports.map(({ nonFiniteInputs }) => nonFiniteInputs)),
    nonFiniteText(reports.map(({ nonFiniteOutputs }) => nonFiniteOutputs)),
  ];
  if (inputs === undefined && outputs === undefined) return [];
  return [["NaN, inf", `${inputs ?? "none"} of the inputs, ${outputs ?? "none"} of the output`]];
}

/** How many elements there are, in how many tensors; undefined when there are none. */
function nonFiniteText(counts: readonly number[]): string | undefined {
  const tensors = counts.filter((count) => count > 0).length;
  return tensors === 0 ? undefined : `${countOf(sum(counts), "element")} in ${countOf(tensors, "tensor")}`;
}

function valueText(value: number): string {
  return String(Number(value.toPrecision(VALUE_DIGITS)));
}

function rangeOf(values: readonly number[]): readonly [least: number, most: number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Infinity),
    values.reduce((most, value) => Math.max(most, value), -Infinity),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
