/** A run of elements of a product, counted row by row. */
export interface ProductRun {
  /** Rows of the left factor from number `firstRow` on, row by row: at least those that the run touches. */
  readonly left: Float32Array;
  readonly firstRow: number;
  /** Position in the product of the run's first element. */
  readonly first: number;
  /** Rounded to float32 before use. */
  readonly scale: number;
  /** Takes the elements; as long as the run. */
  readonly into: Float32Array;
}

/**
 * Runs of `(left @ right) * scale`, which is what a low-rank adapter adds to a matrix of weights: `left` is rows x rank,
 * `right` is rank x columns, all in float32. One run is computed at a time.
 *
 * Every element is the same number on every machine: a sum that starts from zero and takes the products
 * `left[row, k] * right[k, column]` with k ascending, then that sum times `scale`. Each product and each sum is rounded
 * to float32. Only which NaN a NaN is may differ.
 */
export interface LowRankProduct {
  /**
   * Sets the right factor, given row by row; it is copied, and kept until the next call.
   * @throws Error when `right` is not `rank` rows of `columns` numbers, at least one of each.
   */
  setRight(right: Float32Array, rank: number, columns: number): void;
  /**
   * Fills the run's `into`.
   * @throws Error when there is no right factor yet, or when `left` lacks a row of the run.
   */
  multiply(run: ProductRun): void;
}

/** The lengths of a right factor: it has `rank` rows. */
export interface RightShape {
  readonly rank: number;
  readonly columns: number;
}

/** The shape of `right`, once it is known to have it. */
export function checkRight(right: Float32Array, rank: number, columns: number): RightShape {
  if (rank < 1 || columns < 1 || right.length !== rank * columns) {
    throw new Error(`a right factor of ${right.length} numbers, not ${rank} rows of ${columns}`);
  }
  return { rank, columns };
}

/** The shape of the right factor, once the run is known to lie within the rows of its left one. */
export function checkRun(
  { left, firstRow, first, into }: ProductRun,
  shape: RightShape | undefined,
): RightShape {
  if (shape === undefined) throw new Error("a product without a right factor");
  const { rank, columns } = shape;
  const rows = [Math.floor(first / columns), Math.ceil((first + into.length) / columns)] as const;
  const held = [firstRow, firstRow + Math.floor(left.length / rank)] as const;
  if (rows[0] < held[0] || rows[1] > held[1]) {
    throw new Error(`a run from row ${rows.join(" to ")} of a left factor from row ${held.join(" to ")}`);
  }
  return shape;
}
