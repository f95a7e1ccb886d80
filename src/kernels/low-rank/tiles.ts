/** A rectangle of a matrix. */
export interface Tile {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/**
 * The most rows and columns of a tile. With a rank of 64, its rows of the left factor take 8 KiB and stay in a core's
 * first cache; its columns of the right one take 256 KiB, its elements half of that, and both stay in the second.
 */
export const TILE_ROWS = 32;
export const TILE_COLUMNS = 1024;

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
