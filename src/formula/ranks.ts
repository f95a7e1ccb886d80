import type { Node, Reduced, ScalarNode, TallyNode } from "./builder.ts";
import {
  leafCell,
  type MagnitudeTree,
  nodeCells,
  totalOf,
  type Widths,
  rankWidths,
  type TreeSize,
} from "./magnitude-tree.ts";
import { ReusedWords } from "./reused-words.ts";

/** A node that elements are still to be counted in. */
interface OpenNode {
  readonly place: number;
  /** Elements of larger magnitude than all in the node. */
  readonly above: number;
}

/** A tree whose leaves are ranks as far as they are known. */
interface Ranking extends MagnitudeTree {
  readonly elements: number;
  readonly open: readonly OpenNode[];
}

/**
 * The tree whose leaf for a magnitude is its rank among all magnitudes of a tensor, the largest first, divided by
 * their number. Equal magnitudes share the mean of their ranks; others are off by `tolerance` at most. There is one tree at a
 * time: that of the next tensor takes its place.
 */
export function rankTreeNode(of: Node, tolerance: number, size: TreeSize): ScalarNode {
  const widths = rankWidths(size);
  const words = new ReusedWords();
  const tally: TallyNode = { kind: "tally", widths, level: 0, of };
  const start = (counts: Reduced): Reduced =>
    ranked(begin(counts as Uint32Array, widths, words), counts as Uint32Array, widths, 0, tolerance, words);
  let tree: ScalarNode = { kind: "host", compute: start, args: [tally] };
  for (let level = 1; level < widths.length; level++) {
    const rank = (from: Reduced, counts: Reduced): Reduced =>
      ranked(from as Ranking, counts as Uint32Array, widths, level, tolerance, words);
    tree = { kind: "host", compute: rank, args: [tree, { kind: "tally", widths, level, tree, of }] };
  }
  return tree;
}

function begin(counts: Uint32Array, widths: Widths, words: ReusedWords): Ranking {
  const cells = words.take(nodeCells(widths, 0));
  return { cells, deepest: 0, elements: totalOf(counts), open: [{ place: 0, above: 0 }] };
}

/**
 * The ranking with the cells of its open nodes made leaves or, where too many elements share one, new open nodes. The
 * given one, whose cells are in `words`, is used up.
 */
function ranked(
  { cells, deepest, elements, open }: Ranking,
  counts: Uint32Array,
  widths: Widths,
  level: number,
  tolerance: number,
  words: ReusedWords,
): Ranking {
  const isLast = level + 1 === widths.length;
  const size = nodeCells(widths, level + 1);
  const opened: OpenNode[] = [];
  for (const node of open) {
    let { above } = node;
    for (let place = node.place + nodeCells(widths, level) - 1; place >= node.place; place--) {
      const count = counts[place - deepest]!;
      if (count === 0) continue;
      // Ranks in the cell are above to above + count - 1; in cells of one magnitude they are shared.
      const isOneMagnitude = isLast || (level === 0 && place % 2 === 0);
      const uncertainty = isOneMagnitude ? 0 : (count - 1) / 2 / elements;
      if (uncertainty <= tolerance) {
        cells[place] = leafCell((above + (count - 1) / 2) / elements);
      } else {
        const below = cells.length + opened.length * size;
        cells[place] = -below;
        opened.push({ place: below, above });
      }
      above += count;
    }
  }
  if (opened.length === 0) return { cells, deepest: cells.length, elements, open: opened };
  const grown = words.take(cells.length + opened.length * size, cells.length);
  return { cells: grown, deepest: cells.length, elements, open: opened };
}
