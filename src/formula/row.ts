import type { ScalarNode } from "./nodes.ts";

/** Elements of a row, which is what lies along a tensor's last axis; a tensor without axes has a single row. */
export function rowElementsOf(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}

/** Whether a scalar has a value for each row, and not one for the tensor. */
export function isRowScoped(scalar: ScalarNode): boolean {
  if (scalar.kind === "host") return scalar.args.some(isRowScoped);
  return scalar.kind === "reduction" && scalar.scope === "row";
}
