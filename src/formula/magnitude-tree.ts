import type { Precision } from "../dtype.ts";

/**
 * A tree over the bits of magnitudes, most significant bits first. A cell of a node is a leaf (the bits of a float32
 * that is not negative) or, negative, the place of the node below it, negated. The root starts at place 0.
 *
 * The root has two cells for each digit: one for the magnitude whose other bits are all zero, and one for those above
 * it. Differences of 16-bit numbers have few significant bits: nearly all are in cells of the first kind, which hold
 * one magnitude however many elements they count, and need no node below.
 */
export interface MagnitudeTree {
  readonly cells: Int32Array;
  /** Where the nodes of the deepest level begin; nodes of a level lie one after the other. */
  readonly deepest: number;
}

/** Bits that each level of a tree looks at, the root first; together all bits of a magnitude. */
export type Widths = readonly number[];

/** What the widths of a tree depend on: the bits there are, and how many elements pay for clearing its cells. */
export interface TreeSize {
  readonly precision: Precision;
  readonly isLarge: boolean;
}

/** Elements up to which a tensor is small: clearing a root of 2 MiB would take longer than reading them. */
const SMALL_ELEMENTS = 65_536;

/** Whether a tensor of that many elements is worth the trees of large ones. */
export function isLargeTensor(elements: number): boolean {
  return elements > SMALL_ELEMENTS;
}

/**
 * A large root parts magnitudes that differ by 0.1 %. A quantile lies in one or two of its cells, whose nodes may be
 * large.
 */
export function quantileWidths({ precision, isLarge }: TreeSize): Widths {
  if (precision === "float32") return isLarge ? [18, 13] : [12, 10, 9];
  return isLarge ? [18, 15, 15, 15] : [12, 13, 13, 13, 12];
}

/** Ranks may need nodes below hundreds of cells, which must be small. */
export function rankWidths({ precision, isLarge }: TreeSize): Widths {
  if (precision === "float32") return isLarge ? [18, 6, 7] : [12, 7, 6, 6];
  return isLarge ? [18, 9, 9, 9, 9, 9] : [12, 9, 9, 9, 8, 8, 8];
}

/** The cells of a tree in which nothing is to be looked for. */
export const noCells: Int32Array = new Int32Array(0);

/** How many elements were counted. */
export function totalOf(counts: Uint32Array): number {
  // By index: there are half a million, and an iterator takes ten times as long.
  let total = 0;
  for (let cell = 0; cell < counts.length; cell++) total += counts[cell]!;
  return total;
}

/** Cells of a node of level `level`; none below the last. */
export function nodeCells(widths: Widths, level: number): number {
  const width = widths[level];
  if (width === undefined) return 0;
  return level === 0 ? 2 * 2 ** width : 2 ** width;
}

/** The bits of a magnitude: all but the sign. Every NaN has the same, above those of infinity. */
export function magnitudeBits(value: number, precision: Precision): bigint {
  if (precision === "float32") {
    if (Number.isNaN(value)) return 0x7fc0_0000n;
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0) & 0x7fff_ffff);
  }
  if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n;
  view.setFloat64(0, value);
  return view.getBigUint64(0) & 0x7fff_ffff_ffff_ffffn;
}

/** The magnitude that has these bits. */
export function magnitudeOf(bits: bigint, precision: Precision): number {
  if (precision === "float32") {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/**
 * The place of an element's cell in its node of level `level`, to which `tree` leads; undefined when a leaf above ends
 * its way.
 */
export function placeOf(
  tree: MagnitudeTree | undefined,
  widths: Widths,
  bits: bigint,
  level: number,
): number | undefined {
  let node = 0;
  for (let depth = 0; ; depth++) {
    const place = node + cellIndex(widths, bits, depth);
    if (depth === level) return place;
    const cell = tree!.cells[place]!;
    if (cell >= 0) return undefined;
    node = -cell;
  }
}

/** The number of an element's cell in its node of level `level`. */
function cellIndex(widths: Widths, bits: bigint, level: number): number {
  const below = BigInt(bitsBelow(widths, level));
  const digit = Number((bits >> below) & (2n ** BigInt(widths[level]!) - 1n));
  if (level > 0) return digit;
  return 2 * digit + (bits === BigInt(digit) << below ? 0 : 1);
}

/** The value of the leaf that an element's way ends at. */
export function leafOf(tree: MagnitudeTree, widths: Widths, bits: bigint): number {
  for (let level = 0; ; level++) {
    const cell = tree.cells[placeOf(tree, widths, bits, level)!]!;
    if (cell >= 0) return leafValue(cell);
  }
}

/** The cell of a leaf with this value, which must not be negative. */
export function leafCell(value: number): number {
  view.setFloat32(0, value);
  return view.getInt32(0);
}

/** Bits that the levels below `level` look at. */
export function bitsBelow(widths: Widths, level: number): number {
  return widths.slice(level + 1).reduce((sum, bits) => sum + bits, 0);
}

function leafValue(cell: number): number {
  view.setInt32(0, cell);
  return view.getFloat32(0);
}

const view = new DataView(new ArrayBuffer(8));
