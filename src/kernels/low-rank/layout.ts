import type { RightShape } from "./product.ts";
import { TILE_COLUMNS, TILE_ROWS } from "./tiles.ts";

/** A page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;

/** What a processor's cache is filled by, on x64 and on most ARM. */
const CACHE_LINE_BYTES = 64;

/**
 * Bytes from one row to the next for rows of `columns` float32: an odd number of cache lines. At a power of two, as the
 * widths of matrices tend to be, the same columns of all rows compete for a few places of the cache, which costs a third
 * of the speed.
 */
export function rowBytes(columns: number): number {
  const lines = Math.ceil((columns * 4) / CACHE_LINE_BYTES);
  return (lines | 1) * CACHE_LINE_BYTES;
}

/** Bytes from one row of a tile's elements to the next. */
export const TILE_ROW_BYTES = rowBytes(TILE_COLUMNS);

/** Where the parts of a product lie in its memory, in bytes. */
export interface Layout {
  /** The elements of a tile, its rows `TILE_ROW_BYTES` apart. */
  readonly tile: number;
  /** The tile's rows of the left factor, with nothing between them. */
  readonly left: number;
  /** The right factor, its rows `rightRowBytes` apart. */
  readonly right: number;
  readonly rightRowBytes: number;
  /** Bytes of the memory, a whole number of pages. */
  readonly pagedBytes: number;
}

export function layoutOf({ rank, columns }: RightShape): Layout {
  const left = TILE_ROWS * TILE_ROW_BYTES;
  const right = left + TILE_ROWS * rank * 4;
  const rightRowBytes = rowBytes(columns);
  const pagedBytes = Math.ceil((right + rank * rightRowBytes) / PAGE_BYTES) * PAGE_BYTES;
  return { tile: 0, left, right, rightRowBytes, pagedBytes };
}

/** Bytes of memory that a product with a right factor of that shape takes, however long its runs are. */
export function productBytes(shape: RightShape): number {
  return layoutOf(shape).pagedBytes;
}
