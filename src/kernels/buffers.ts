import { bytesOf, type DType } from "../dtype.ts";
import { nodeCells } from "../formula/magnitude-tree.ts";
import type { Structure } from "../formula/stage.ts";
import type { Layout } from "./backend.ts";

/**
 * Bytes that every buffer's start and length are a multiple of: sixteen float64, the most that a kernel touches in
 * one step, so that a step over a tail stays within its own buffer.
 */
const ALIGNMENT_BYTES = 128;

/** Where each buffer of a layout starts, and where the last one ends. */
export interface BufferOffsets {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly endBytes: number;
}

/** A tree's cells, compared with its root's: the nodes that real tensors need. More of them make memory grow. */
const TREE_SHARE = 1.2;

/** Bytes that the cells of a pass's trees take. */
export function treeBytes(structure: Structure): number {
  return Math.ceil(structure.trees * TREE_SHARE * rootBytes(structure));
}

/** Bytes that the counts of a pass's tallies take. */
export function tallyBytes(structure: Structure): number {
  return Math.ceil(structure.tallies.length * TREE_SHARE * rootBytes(structure));
}

function rootBytes({ instructions, tallies }: Structure): number {
  const lookups = instructions.filter((instruction) => instruction.kind === "lookup");
  return Math.max(0, ...[...lookups, ...tallies].map(({ widths }) => nodeCells(widths, 0) * 4));
}

/** Offsets of the buffers for `elements` elements, one after the other. */
export function bufferOffsets(layout: Layout, elements: number): BufferOffsets {
  let next = 0;
  const place = (dtype: DType): number => {
    const start = next;
    const bytes = bytesOf(dtype, elements);
    next += Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return start;
  };
  return { inputs: layout.inputs.map(place), output: place(layout.output), endBytes: next };
}
