import type { Precision } from "../dtype.ts";
import type { Structure } from "../formula/stage.ts";
import { ALIGNMENT_BYTES } from "./buffers.ts";
import { rankScratchBytes } from "./row-ranks/layout.ts";

/** Where rows that are made on the way start, one of each kind at a time, and where the last one ends. */
export interface RowBuffers {
  /** Random numbers, in float32, from the last position in the tensor that is a multiple of four on. */
  readonly streams: readonly number[];
  /** Ranks, in the precision of the arithmetic. */
  readonly ranks: readonly number[];
  /** What taking ranks needs. */
  readonly rankScratch: number;
  readonly endBytes: number;
}

/** Offsets, behind the output, of the buffers that a structure and its preludes need for rows of that many elements. */
export function rowBuffers(structure: Structure, precision: Precision, rowElements: number): RowBuffers {
  // The last step of a run of rows writes behind the output.
  let next = ALIGNMENT_BYTES;
  const take = (bytes: number): number => {
    const start = next;
    next += Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return start;
  };
  const takeRow = (width: number): number => take((3 + rowElements) * width + ALIGNMENT_BYTES);
  const streams = Array.from({ length: structure.streams }, () => takeRow(4));
  const ranks = Array.from({ length: structure.ranks }, () => takeRow(precision === "float32" ? 4 : 8));
  const rankScratch = take(ranks.length === 0 ? 0 : rankScratchBytes(precision, rowElements));
  return { streams, ranks, rankScratch, endBytes: next };
}
