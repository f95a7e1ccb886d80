import type { Precision } from "../../dtype.ts";
import { magnitudeBits } from "../../formula/magnitude-tree.ts";

/**
 * Each number's rank by magnitude, the smallest first, divided by how many there are less one: 0 to 1, and 1 for a single
 * one. Equal magnitudes share the mean of their ranks; NaN ranks above infinity.
 */
export function rowRanks(row: readonly number[], precision: Precision): readonly number[] {
  const magnitudes = row.map((value) => magnitudeBits(value, precision));
  const sorted = [...row.keys()].toSorted((a, b) => Number(magnitudes[a]! - magnitudes[b]!));
  const ranks = row.map(() => 1);
  if (row.length === 1) return ranks;
  for (let first = 0; first < sorted.length;) {
    const magnitude = magnitudes[sorted[first]!];
    let end = first + 1;
    while (end < sorted.length && magnitudes[sorted[end]!] === magnitude) end++;
    const rank = (first + end - 1) / 2 / (row.length - 1);
    for (const index of sorted.slice(first, end)) ranks[index] = rank;
    first = end;
  }
  return ranks;
}
