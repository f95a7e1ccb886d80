import { compileProduct, STEP_COLUMNS } from "./compile.ts";
import { layoutOf, PAGE_BYTES, TILE_ROW_BYTES } from "./layout.ts";
import { checkRight, checkRun, type LowRankProduct, type ProductRun, type RightShape } from "./product.ts";
import { type Tile, TILE_ROWS, tilesOf } from "./tiles.ts";

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
    setRight(factor, rank, columns) {
      shape = checkRight(factor, rank, columns);
      const { right, rightRowBytes, pagedBytes } = layoutOf(shape);
      const missing = pagedBytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(missing / PAGE_BYTES);
      for (let row = 0; row < rank; row++) {
        const place = new Float32Array(memory.buffer, right + row * rightRowBytes, columns);
        place.set(factor.subarray(row * columns, (row + 1) * columns));
      }
    },
    multiply(args) {
      const { rank, columns } = checkRun(args, shape);
      const { left, firstRow, first, scale, into } = args;
      const layout = layoutOf({ rank, columns });
      const leftRows = new Float32Array(memory.buffer, layout.left, TILE_ROWS * rank);
      const elements = new Float32Array(memory.buffer, layout.tile, (TILE_ROWS * TILE_ROW_BYTES) / 4);
      for (const tile of tilesOf(first, first + into.length, columns)) {
        const leftRow = tile.row - firstRow;
        leftRows.set(left.subarray(leftRow * rank, (leftRow + tile.rows) * rank));
        run(
          layout.left,
          rank * 4,
          layout.right + tile.column * 4,
          layout.rightRowBytes,
          layout.tile,
          tile.rows,
          Math.ceil(tile.columns / STEP_COLUMNS),
          scale,
        );
        copyOut(elements, tile, columns, args);
      }
    },
  };
}

/** Puts those elements of a tile that belong to the run in their places. */
function copyOut(elements: Float32Array, tile: Tile, columns: number, { first, into }: ProductRun): void {
  for (let row = 0; row < tile.rows; row++) {
    const position = (tile.row + row) * columns + tile.column;
    const start = Math.max(first, position);
    const end = Math.min(first + into.length, position + tile.columns);
    const shift = row * (TILE_ROW_BYTES / 4) - position;
    into.set(elements.subarray(shift + start, shift + end), start - first);
  }
}
