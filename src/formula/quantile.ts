import type { Precision } from "../dtype.ts";
import type { Node, Reduced, ScalarNode, TallyNode } from "./builder.ts";
import {
  bitsBelow,
  magnitudeBits,
  magnitudeOf,
  type MagnitudeTree,
  noCells,
  nodeCells,
  totalOf,
  type Widths,
  quantileWidths,
  type TreeSize,
} from "./magnitude-tree.ts";
import { ReusedWords } from "./reused-words.ts";

/** A rank on its way down the tree. */
interface Descent {
  /** Smaller elements in the node it has come to. */
  readonly rank: number;
  /** Place of that node. */
  readonly node: number;
  /** The value's bits found so far, in their places; all of them once it is `found`. */
  readonly bits: bigint;
  readonly found: boolean;
}

/** The two ranks that a quantile lies between, and how far it is from the first to the second. */
interface Search extends MagnitudeTree {
  readonly ranks: readonly Descent[];
  readonly fraction: number;
}

/**
 * The scalar for the quantile `q` of the magnitudes of a tensor, interpolated linearly between the two nearest order
 * statistics, as NumPy does by default. Exact, after as many passes as the tree has levels. NaN ranks above infinity.
 * The trees on the way are those of one tensor at a time.
 */
export function quantileNode(of: Node, q: ScalarNode, size: TreeSize): ScalarNode {
  const widths = quantileWidths(size);
  const words = new ReusedWords();
  const tally: TallyNode = { kind: "tally", widths, level: 0, of };
  const start = (counts: Reduced, share: Reduced): Reduced =>
    descended(begin(counts as Uint32Array, share as number), counts as Uint32Array, widths, 0, words);
  let tree: ScalarNode = { kind: "host", compute: start, args: [tally, q] };
  for (let level = 1; level < widths.length; level++) {
    const descend = (from: Reduced, counts: Reduced): Reduced =>
      descended(from as Search, counts as Uint32Array, widths, level, words);
    tree = { kind: "host", compute: descend, args: [tree, { kind: "tally", widths, level, tree, of }] };
  }
  return { kind: "host", compute: (end) => interpolated(end as Search, size.precision), args: [tree] };
}

function begin(counts: Uint32Array, q: number): Search {
  const last = totalOf(counts) - 1;
  const position = snapped(q * last);
  const lower = Math.floor(position);
  const start = (rank: number): Descent => ({ rank, node: 0, bits: 0n, found: false });
  const ranks = [start(lower), start(Math.min(lower + 1, last))];
  return { cells: noCells, deepest: 0, ranks, fraction: position - lower };
}

/**
 * The search with both ranks taken to the cells they fall in, and nodes opened below these where bits are missing. The
 * given one, whose cells are in `words`, is used up.
 */
function descended(
  search: Search,
  counts: Uint32Array,
  widths: Widths,
  level: number,
  words: ReusedWords,
): Search {
  const descents = inCells(search, counts, widths, level);
  const open = [...new Set(descents.filter(({ found }) => !found).map(({ node }) => node))];
  if (open.length === 0) return { ...search, cells: noCells, deepest: 0, ranks: descents };
  const size = nodeCells(widths, level + 1);
  const filled = Math.max(search.cells.length, nodeCells(widths, 0));
  const below = (place: number): number => filled + open.indexOf(place) * size;
  const cells = words.take(filled + open.length * size, search.cells.length);
  for (const place of open) cells[place] = -below(place);
  const ranks = descents.map((descent) =>
    descent.found ? descent : { ...descent, node: below(descent.node) },
  );
  return { cells, deepest: filled, ranks, fraction: search.fraction };
}

/** The descents taken to their cells; `node` is then the place of the cell. */
function inCells(
  { ranks, deepest }: Search,
  counts: Uint32Array,
  widths: Widths,
  level: number,
): readonly Descent[] {
  // Where the last descent in this node ended: the next one's rank is not lower, and the cells are many.
  let last = { node: -1, cell: 0, passed: 0 };
  return ranks.map((descent) => {
    if (descent.found) return descent;
    const first = descent.node - deepest;
    let { cell, passed } = last.node === descent.node ? last : { cell: first, passed: 0 };
    while (passed + counts[cell]! <= descent.rank) passed += counts[cell++]!;
    last = { node: descent.node, cell, passed };

    const digit = BigInt(level === 0 ? (cell - first) >> 1 : cell - first);
    const bits = descent.bits | (digit << BigInt(bitsBelow(widths, level)));
    const found = level === 0 ? (cell - first) % 2 === 0 : level + 1 === widths.length;
    return { rank: descent.rank - passed, node: deepest + cell, bits, found };
  });
}

/** A position that is a whole number but for rounding: 0.3 of 10 is 3, though 1 - 0.7 is a little more than 0.3. */
function snapped(position: number): number {
  const whole = Math.round(position);
  return Math.abs(position - whole) <= 4 * Number.EPSILON * whole ? whole : position;
}

/**
 * In float32, the next one up: then `x < quantile` is true of the same elements as with the exact value, which float32
 * elements can't tell from it.
 */
function interpolated({ ranks, fraction }: Search, precision: Precision): number {
  const [from, to] = ranks.map(({ bits }) => magnitudeOf(bits, precision)) as [number, number];
  if (from === to || fraction === 0) return from;
  const exact = from + (to - from) * fraction;
  const rounded = Math.fround(exact);
  if (precision === "float64" || rounded >= exact) return precision === "float64" ? exact : rounded;
  return magnitudeOf(magnitudeBits(rounded, precision) + 1n, precision);
}
