import { isEmbedding, isOutput } from "../../adapters/tied-weights.ts";
import { parseLayerName } from "./layer-name.ts";
import { membersOf, type Part } from "./part.ts";

/** Whether each row of a tensor stands for a token: those of embeddings, of output layers and of their biases. */
export function isVocabulary(name: string): boolean {
  const weight = name.endsWith(".bias") ? `${name.slice(0, -".bias".length)}.weight` : name;
  return parseLayerName(name) === undefined && (isEmbedding(name) || isOutput(weight));
}

/** Whether two shapes differ in the number of rows at most. */
export function differInRows(a: readonly number[], b: readonly number[]): boolean {
  return a.length > 0 && a.length === b.length && a.slice(1).every((size, axis) => size === b[axis + 1]);
}

/** How many rows of a vocabulary's tensor are merged: the base's, else as many as all models have. */
export function mergedRows(part: Part, name: string): number {
  const rows = membersOf(part).map((member) => member.tensors.get(name)!.shape[0]!);
  return part.base === undefined ? Math.min(...rows) : rows[0]!;
}
