import type { Precision } from "../../dtype.ts";
import { bitsBelow, type Widths } from "../../formula/magnitude-tree.ts";
import { EMPTY_BLOCK, plain, simd } from "./opcodes.ts";
import { lanes32, type Quad, quietNaNs } from "./quad.ts";
import type { KernelWriter } from "./writer.ts";

/** Elements of a quad. */
const ELEMENTS = [0, 1, 2, 3] as const;

/**
 * Bytes at the start of the memory that are written and never read: the counts of elements that are not to be counted.
 * They are spread over sixteen words, since counting in one place waits for the count before.
 */
export const UNREAD_BYTES = 64;

/** Magnitudes of a quad, ready to be looked for in trees. */
export interface Magnitudes {
  readonly quad: Quad;
  readonly precision: Precision;
  readonly widths: Widths;
}

export function magnitudesOf(
  writer: KernelWriter,
  values: Quad,
  precision: Precision,
  widths: Widths,
): Magnitudes {
  return { quad: quietNaNs(writer, values), precision, widths };
}

/**
 * Adds one to the count of each element's cell on level `level`, unless the element's way ends at a leaf above.
 * @param places vectors with the address of the tree that leads to the level, absent for the root, and with that of the
 *   counts as if they began with the root.
 * @param skip leaves a condition on the stack; elements for which it holds are left out.
 */
export function writeTally(
  writer: KernelWriter,
  magnitudes: Magnitudes,
  level: number,
  { tree, counts }: { readonly tree: number | undefined; readonly counts: number },
  skip: ((element: number) => void) | undefined,
): void {
  const { code } = writer;
  code.op(plain.block).op(EMPTY_BLOCK);
  if (tree === undefined) {
    writeDigits(writer, magnitudes, 0);
    code.i32(2).simd(simd.i32x4Shl).get(counts).simd(simd.i32x4Add);
  } else {
    const cells = writer.local();
    const inNode = writeDescent(writer, magnitudes, tree, level - 1, cells);
    writeOffsets(writer, magnitudes, level, cells);
    const offsets = writer.keep();
    code.get(offsets).get(counts).simd(simd.i32x4Add);
    code.get(offsets);
    writer
      .constant(UNREAD_BYTES - 4)
      .code.simd(simd.v128And)
      .get(inNode)
      .simd(simd.v128Bitselect);
  }
  const addresses = writer.keep();
  for (const element of ELEMENTS) {
    code.op(plain.block).op(EMPTY_BLOCK);
    if (skip !== undefined) {
      skip(element);
      code.op(plain.brIf).op(0);
    }
    const address = writer.scratch();
    code.get(addresses).simd(simd.i32x4ExtractLane, element).set(address);
    code.get(address).get(address).load32().i32(1).op(plain.i32Add).store32().op(plain.end);
  }
  code.op(plain.end);
}

/** The values of the leaves that the elements' ways end at, as four float32. */
export function writeLookup(writer: KernelWriter, magnitudes: Magnitudes, tree: number): number {
  const { code } = writer;
  const cells = writer.local();
  code.op(plain.block).op(EMPTY_BLOCK);
  writeDescent(writer, magnitudes, tree, magnitudes.widths.length - 1, cells);
  code.op(plain.end);
  return cells;
}

/**
 * Fills a local with the cells that the elements' ways have come to on level `level`, or end at above it. Leaves the
 * enclosing block as soon as all of them are leaves, which is soon: few cells have nodes below them.
 * @returns a vector with all ones where the cell is no leaf.
 */
function writeDescent(
  writer: KernelWriter,
  magnitudes: Magnitudes,
  tree: number,
  level: number,
  cells: number,
): number {
  const { code } = writer;
  writeDigits(writer, magnitudes, 0);
  code.i32(2).simd(simd.i32x4Shl);
  let offsets = writer.keep();
  for (let depth = 0; ; depth++) {
    writeGather(writer, offsets, tree, cells);
    const isLast = depth === magnitudes.widths.length - 1;
    if (!isLast) code.get(cells).simd(simd.i32x4Bitmask).op(plain.i32Eqz).op(plain.brIf).op(0);
    code.get(cells).i32(31).simd(simd.i32x4ShrS);
    const inNode = writer.keep();
    if (depth === level) return inNode;
    writeOffsets(writer, magnitudes, depth + 1, cells);
    // A way that has ended stays at its leaf.
    code.get(offsets).get(inNode).simd(simd.v128Bitselect);
    offsets = writer.keep();
  }
}

/** Leaves on the stack the offsets in bytes of the elements' cells in the nodes of level `level` that `cells` lead to. */
function writeOffsets(writer: KernelWriter, magnitudes: Magnitudes, level: number, cells: number): void {
  writeDigits(writer, magnitudes, level);
  writer.code.get(cells).simd(simd.i32x4Sub).i32(2).simd(simd.i32x4Shl);
}

/** Leaves on the stack, for each element, the number of its cell in its node of level `level`. */
function writeDigits(writer: KernelWriter, magnitudes: Magnitudes, level: number): void {
  const shift = bitsBelow(magnitudes.widths, level);
  if (level > 0) {
    writeShifted(writer, magnitudes, 0, shift);
    writer.constant(2 ** magnitudes.widths[level]! - 1).code.simd(simd.v128And);
    return;
  }
  // Shifted up by one bit, a magnitude has lost its sign.
  writeShifted(writer, magnitudes, 1, shift + 1);
  writer.code.i32(1).simd(simd.i32x4Shl);
  writeHasBitsBelow(writer, magnitudes, shift);
  writer.code.simd(simd.i32x4Sub);
}

/** Leaves on the stack the magnitudes shifted up, then down, cut to words. */
function writeShifted(
  { code }: KernelWriter,
  { quad, precision }: Magnitudes,
  up: number,
  down: number,
): void {
  if (precision === "float32") {
    code.get(quad[0]!);
    if (up > 0) code.i32(up).simd(simd.i32x4Shl);
    code.i32(down).simd(simd.i32x4ShrU);
    return;
  }
  for (const half of quad) {
    code.get(half);
    if (up > 0) code.i32(up).simd(simd.i64x2Shl);
    code.i32(down).simd(simd.i64x2ShrU);
  }
  code.simd(simd.i8x16Shuffle, ...lanes32([0, 2, 4, 6]));
}

/** Leaves on the stack a word of all ones for each element that has any of its lower `bits` bits set. */
function writeHasBitsBelow(writer: KernelWriter, { quad, precision }: Magnitudes, bits: number): void {
  const { code } = writer;
  if (precision === "float32") {
    code.get(quad[0]!);
    writer.constant(2 ** bits - 1).code.simd(simd.v128And);
    writer.constant(0).code.simd(simd.i32x4Ne);
    return;
  }
  for (const half of quad) {
    code
      .get(half)
      .i32(64 - bits)
      .simd(simd.i64x2Shl);
    writer.constant(0).code.simd(simd.i64x2Ne);
  }
  code.simd(simd.i8x16Shuffle, ...lanes32([0, 2, 4, 6]));
}

/** Loads the words at four offsets of a tree. */
function writeGather(writer: KernelWriter, offsets: number, tree: number, into: number): void {
  const { code } = writer;
  code.get(offsets).get(tree).simd(simd.i32x4Add);
  const addresses = writer.keep();
  code.get(addresses).simd(simd.i32x4ExtractLane, 0).memory(simd.v128Load32Zero, 0).set(into);
  for (const element of ELEMENTS.slice(1)) {
    code.get(addresses).simd(simd.i32x4ExtractLane, element);
    code.get(into).memory(simd.v128Load32Lane, 0, element).set(into);
  }
}
