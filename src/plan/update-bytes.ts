import { bytesOf } from "../dtype.ts";
import { normBytes } from "../kernels/low-rank/norms.ts";
import { productBytes } from "../kernels/low-rank/layout.ts";
import type { Operand } from "./plan.ts";

/** Bytes of one number in float32, as factors are computed with. */
const FLOAT_BYTES = 4;

/**
 * Bytes that computing an operand's update for a chunk of `elements` elements takes: the right factor, as stored and
 * as float32, the rows of the left one, and what the product itself needs.
 */
export function updateBytes({ dtype, update }: Operand, elements: number): number {
  if (update === undefined) return 0;
  const { rows, columns, rank, right, magnitude } = update;
  const rightElements = rank * columns;
  const leftElements = rank * Math.min(rows, Math.ceil(elements / columns) + 1);
  const units = magnitude?.axis === "rows" ? rows : columns;
  return (
    bytesOf(right.dtype, rightElements) +
    FLOAT_BYTES * (rightElements + leftElements) +
    productBytes({ rank, columns }) +
    (magnitude === undefined ? 0 : normBytes(dtype, units))
  );
}
