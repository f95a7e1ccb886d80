import type { Structure } from "../../formula/stage.ts";
import { type KernelArguments, tallyCells } from "../backend.ts";

const PAGE_BYTES = 65_536;

/** Where the trees and tallies of a pass lie. */
export interface Tables {
  readonly trees: readonly number[];
  readonly tallies: readonly { readonly start: number; readonly length: number; readonly root: number }[];
}

/** Lays the trees of a pass from `firstByte` on and clears its tallies, with more memory where that takes it. */
export function placeTables(
  { tallies }: Structure,
  memory: WebAssembly.Memory,
  firstByte: number,
  { trees }: KernelArguments,
): Tables {
  let next = firstByte;
  const take = (words: number): number => {
    const start = next;
    next += words * 4;
    return start;
  };
  const treeStarts = trees.map(({ cells }) => take(cells.length));
  const counts = tallies.map((tally) => {
    const { first, length } = tallyCells(tally, trees);
    const start = take(length);
    return { start, length, root: start - first * 4 };
  });
  const missing = next - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  trees.forEach(({ cells }, index) =>
    new Int32Array(memory.buffer, treeStarts[index], cells.length).set(cells),
  );
  const tables = { trees: treeStarts, tallies: counts };
  clearTallies(tables, memory);
  return tables;
}

/** Sets all counts to zero. */
export function clearTallies({ tallies }: Tables, memory: WebAssembly.Memory): void {
  for (const { start, length } of tallies) new Uint32Array(memory.buffer, start, length).fill(0);
}
