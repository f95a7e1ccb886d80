import { compileProduct } from "./compile.ts";
import { layoutOf, PAGE_BYTES, PANEL_COLUMNS, panelsIn, STRIP_ROWS } from "./layout.ts";
import { packPanels, packStrips } from "./pack.ts";
import { checkRight, checkRun, type LowRankProduct, type ProductRun, type RightShape } from "./product.ts";
import { type Tile, tilesOf } from "./tiles.ts";

type Run = (...args: readonly number[]) => void;

/**
 * The product in WebAssembly SIMD, tile by tile, over one private memory. It takes `productBytes` of the largest right
 * factor so far.
 */
export async function createLowRankProduct(): Promise<LowRankProduct> {
  const memory = new WebAssembly.Memory({ initial: 0 });
  const module = await WebAssembly.compile(compileProduct());
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const run = exports["run"] as Run;
  let shape: RightShape | undefined;

  return {
    setRight(numbers, rank, columns) {
      shape = checkRight(numbers, rank, columns);
      const { right, pagedBytes } = layoutOf(shape);
      const missing = pagedBytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(missing / PAGE_BYTES);
      packPanels({ numbers, columns }, PANEL_COLUMNS, new Float32Array(memory.buffer, right));
    },
    multiply(args) {
      const { rank, columns } = checkRun(args, shape);
      const { left, firstRow, first, scale, into } = args;
      const layout = layoutOf({ rank, columns });
      const strips = new Float32Array(memory.buffer, layout.left);
      const elements = new Float32Array(memory.buffer, layout.tile);
      for (const tile of tilesOf(first, first + into.length, columns)) {
        const from = tile.row - firstRow;
        packStrips({ numbers: left, columns: rank }, { from, to: from + tile.rows }, STRIP_ROWS, strips);
        const panels = panelsIn(tile.columns);
        const rowElements = panels * PANEL_COLUMNS;
        run(
          layout.left,
          layout.stripBytes,
          layout.right + (tile.column / PANEL_COLUMNS) * layout.panelBytes,
          layout.tile,
          rowElements * 4,
          Math.ceil(tile.rows / STRIP_ROWS),
          panels,
          rank,
          scale,
        );
        copyOut(elements, rowElements, tile, columns, args);
      }
    },
  };
}

/** Puts those elements of a tile that belong to the run in their places; a row of the tile takes `rowElements`. */
function copyOut(
  elements: Float32Array,
  rowElements: number,
  tile: Tile,
  columns: number,
  { first, into }: ProductRun,
): void {
  // Whole rows of the matrix follow each other in the tile as they do in the run.
  const isWide = rowElements === columns;
  const height = isWide ? tile.rows : 1;
  for (let row = 0; row < tile.rows; row += height) {
    const position = (tile.row + row) * columns + tile.column;
    const start = Math.max(first, position);
    const end = Math.min(first + into.length, position + height * tile.columns);
    const shift = row * rowElements - position;
    into.set(elements.subarray(shift + start, shift + end), start - first);
  }
}
