import { bytesOf, type DType } from "../../dtype.ts";
import { segments } from "./segments.ts";

/** Elements whose squares are added up at once: half a mebibyte of float32, which stays in a core's cache. */
export const NORM_STRIP_ELEMENTS = 131_072;

/** Bytes of one unit's state: magnitude, factor and mark, and its sum of squares. */
const UNIT_BYTES = 4 + 4 + 1 + 8;

/** Bytes that the norms of `units` rows or columns of a tensor take, strip included. */
export function normBytes(dtype: DType, units: number): number {
  const [stored, added] = [4, 4];
  return units * UNIT_BYTES + NORM_STRIP_ELEMENTS * (bytesOf(dtype, 1) + stored + added);
}

/** A run of a matrix's elements, and what is added to them. */
export interface UpdatedRun {
  readonly stored: Float32Array;
  readonly added: Float32Array;
  /** Number of the first element. */
  readonly first: number;
  readonly columns: number;
}

/**
 * Adds the squares of a run's sums, each rounded to float32, to the sums of their rows or columns: in float64, in the
 * order of the elements.
 */
export function addSquares(
  sums: Float64Array,
  axis: "rows" | "columns",
  { stored, added, first, columns }: UpdatedRun,
): void {
  for (const { row, column, start, length } of segments(first, stored.length, columns)) {
    const unit = axis === "rows" ? row : column;
    const advance = axis === "rows" ? 0 : 1;
    for (let step = 0; step < length; step++) {
      const value = Math.fround(stored[start + step]! + added[start + step]!);
      sums[unit + step * advance]! += value * value;
    }
  }
}
