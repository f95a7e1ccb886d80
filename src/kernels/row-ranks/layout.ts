import type { Precision } from "../../dtype.ts";

/** Values of a digit that numbers are sorted by: 8 bits, so that clearing and adding up counts is little for short rows. */
export const DIGIT_VALUES = 256;

/** Bytes of one count. */
export const COUNT_BYTES = 4;

/** What is sorted: the bits of a magnitude, then the address of its place in the row. */
export interface RecordLayout {
  readonly keyBytes: number;
  readonly bytes: number;
}

export function recordOf(precision: Precision): RecordLayout {
  return precision === "float32" ? { keyBytes: 4, bytes: 8 } : { keyBytes: 8, bytes: 16 };
}

/** Bytes of the counts, one for each value of each digit. */
export function countsBytes({ keyBytes }: RecordLayout): number {
  return keyBytes * DIGIT_VALUES * COUNT_BYTES;
}

/** Bytes that ranking a row takes beside it: counts, and its records twice. */
export function rankScratchBytes(precision: Precision, rowElements: number): number {
  const record = recordOf(precision);
  return countsBytes(record) + 2 * rowElements * record.bytes;
}
