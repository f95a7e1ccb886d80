/** A rectangle of a matrix. */
export interface Tile {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/**
 * The most rows and columns of a tile, whole strips and panels. With a rank of 64, its columns of the right factor take
 * 512 KiB, its elements 128 KiB, and both stay in a core's second cache.
 */
export const TILE_ROWS = 16;
export const TILE_COLUMNS = 2048;

/**
 * Tiles that hold the elements from number `first` up to `end` of a matrix of `columns` columns, counted row by row.
 * No two overlap. Each row of a tile has at least one of these elements, and may have others at the ends of the run.
 */
export function* tilesOf(first: number, end: number, columns: number): Iterable<Tile> {
  if (first === end) return;
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const width = Math.min(TILE_COLUMNS, columns - column);
    // Of these columns: the first row that ends after `first`, and the first that begins at `end` or after it.
    const firstRow = Math.floor((first - column - width) / columns) + 1;
    const endRow = Math.ceil((end - column) / columns);
    for (let row = firstRow; row < endRow; row += TILE_ROWS) {
      yield { row, rows: Math.min(TILE_ROWS, endRow - row), column, columns: width };
    }
  }
}
