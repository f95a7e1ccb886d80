import type { RightShape } from "./product.ts";
import { TILE_COLUMNS, TILE_ROWS } from "./tiles.ts";

/** A page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;

/**
 * Rows of the left factor and columns of the right one whose products are summed up side by side, in the registers of
 * the processor. Four rows by two vectors are eight sums, enough to hide the latency of an addition; with two vectors of
 * the right factor and four numbers of the left they are fourteen vectors, of the fifteen that V8 keeps on x64.
 */
export const STRIP_ROWS = 4;
export const PANEL_COLUMNS = 8;

const FLOAT_BYTES = 4;

/** Where the parts of a product lie in its memory, in bytes. */
export interface Layout {
  /** The elements of a tile, row by row, each row as long as the tile's panels. */
  readonly tile: number;
  /** The tile's rows of the left factor, in strips: for each k, the numbers of its rows. */
  readonly left: number;
  readonly stripBytes: number;
  /** The right factor, in panels: for each k, the numbers of its columns. */
  readonly right: number;
  readonly panelBytes: number;
  /** Bytes of the memory, a whole number of pages. */
  readonly pagedBytes: number;
}

export function layoutOf({ rank, columns }: RightShape): Layout {
  const stripBytes = STRIP_ROWS * rank * FLOAT_BYTES;
  const panelBytes = PANEL_COLUMNS * rank * FLOAT_BYTES;
  const left = TILE_ROWS * TILE_COLUMNS * FLOAT_BYTES;
  const right = left + (TILE_ROWS / STRIP_ROWS) * stripBytes;
  const endBytes = right + panelsIn(columns) * panelBytes;
  return {
    tile: 0,
    left,
    stripBytes,
    right,
    panelBytes,
    pagedBytes: Math.ceil(endBytes / PAGE_BYTES) * PAGE_BYTES,
  };
}

/** Panels that hold `columns` columns; the last may have room for more. */
export function panelsIn(columns: number): number {
  return Math.ceil(columns / PANEL_COLUMNS);
}

/** Bytes of memory that a product with a right factor of that shape takes, however long its runs are. */
export function productBytes(shape: RightShape): number {
  return layoutOf(shape).pagedBytes;
}
