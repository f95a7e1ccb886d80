/** A matrix in float32, row by row. */
export interface Rows {
  readonly numbers: Float32Array;
  readonly columns: number;
}

/**
 * Puts some rows of the left factor into strips of `height` rows, one after the other: a strip has, for each column in
 * turn, the numbers of its rows. Rows that the last strip lacks are zeros.
 */
export function packStrips(
  { numbers, columns }: Rows,
  { from, to }: { readonly from: number; readonly to: number },
  height: number,
  into: Float32Array,
): void {
  let next = 0;
  for (let first = from; first < to; first += height) {
    for (let row = first; row < first + height; row++, next++) {
      for (let column = 0; column < columns; column++) {
        into[next + column * height] = row < to ? numbers[row * columns + column]! : 0;
      }
    }
    next += (columns - 1) * height;
  }
}

/**
 * Puts a matrix into panels of `width` columns, one after the other: a panel has, for each row in turn, the numbers of
 * its columns. Columns that the last panel lacks are zeros.
 */
export function packPanels({ numbers, columns }: Rows, width: number, into: Float32Array): void {
  const rows = numbers.length / columns;
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < columns; first += width) {
      const start = first * rows + row * width;
      for (let lane = 0; lane < width; lane++) {
        const column = first + lane;
        into[start + lane] = column < columns ? numbers[row * columns + column]! : 0;
      }
    }
  }
}
