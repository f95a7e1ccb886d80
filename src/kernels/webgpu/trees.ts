import { bitsBelow, type Widths } from "../../formula/magnitude-tree.ts";

/** Names of the functions below for trees of these widths. */
export function lookupName(widths: Widths): string {
  return `lookup${widths.join("_")}`;
}

export function tallyName(widths: Widths, level: number): string {
  return `tally${level}of${widths.join("_")}`;
}

/** `lookup…(tree, x)`: the value of the leaf that the way of `x` ends at, in the tree that begins at word `tree`. */
export function lookupText(widths: Widths): string {
  return /* wgsl */ `
fn ${lookupName(widths)}(tree: u32, x: u32) -> u32 {
  ${descent(widths, widths.length - 1, "return u32(cell);")}
  return u32(max(cell, 0));
}`;
}

/**
 * `tally…(tree, counts, x)`: adds one to the count of the cell of `x` on that level, unless a leaf above ends its way.
 * Counts are numbered from word `counts` on as if they began with the tree's root.
 */
export function tallyText(widths: Widths, level: number): string {
  const way = level === 0 ? rootPlace(widths) : descent(widths, level - 1, "return;") + step(widths, level);
  return /* wgsl */ `
fn ${tallyName(widths, level)}(tree: u32, counts: u32, x: u32) {
  ${way}
  atomicAdd(&tallies[counts + place], 1u);
}`;
}

/** Leads to the cell on level `last`, with `atLeaf` where a leaf comes first. */
function descent(widths: Widths, last: number, atLeaf: string): string {
  const levels = Array.from({ length: last }, (_, above) => step(widths, above + 1) + read(atLeaf));
  return `${rootPlace(widths)} var cell = 0; ${read(atLeaf)}${levels.join("")}`;
}

function read(atLeaf: string): string {
  return `
  cell = trees[tree + place];
  if (cell >= 0) { ${atLeaf} }`;
}

function rootPlace(widths: Widths): string {
  const below = bitsBelow(widths, 0);
  const rest = 2 ** below - 1;
  return `let bits = select(magnitude(x), NOT_A_NUMBER, isNaN(x));
  var place = 2u * (bits >> ${below}u) + u32((bits & ${rest}u) != 0u);`;
}

function step(widths: Widths, level: number): string {
  const mask = 2 ** widths[level]! - 1;
  return `
  place = u32(-cell) + ((bits >> ${bitsBelow(widths, level)}u) & ${mask}u);`;
}
