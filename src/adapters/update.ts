import type { TensorInfo } from "../formats/checkpoint.ts";

/**
 * A low-rank update: `scale · left · right`, to be added to a tensor seen as a row-major matrix, its first axis the
 * rows and all others together the columns. Sources: arXiv:2106.09685 (LoRA), arXiv:2402.09353 (DoRA).
 */
export interface Update {
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
  /** Any finite number; alpha/r, or alpha/√r of rank-stabilised LoRA (arXiv:2312.03732). */
  readonly scale: number;
  /** rows x rank; absent: a single 1, and the tensor one row, as a bias is. */
  readonly left?: Factor;
  /** rank x columns. */
  readonly right: Factor;
  /** Present for DoRA: the sum is then scaled, row by row or column by column, to these Euclidean norms. */
  readonly magnitude?: Magnitude;
}

/** A matrix in a file of the adapter, floating-point and row-major. */
export interface Factor {
  readonly tensor: TensorInfo;
  /** Whether the file holds its transpose. */
  readonly transposed: boolean;
}

/** The norm of each row or of each column, one number for each. */
export interface Magnitude {
  readonly tensor: TensorInfo;
  readonly axis: "rows" | "columns";
}

/** The update of the transposed matrix. */
export function transposedUpdate(update: Update): Update {
  const { rows, columns, left, right, magnitude } = update;
  if (left === undefined) return update;
  return {
    ...update,
    rows: columns,
    columns: rows,
    left: transposedFactor(right),
    right: transposedFactor(left),
    ...(magnitude !== undefined && {
      magnitude: { ...magnitude, axis: magnitude.axis === "rows" ? "columns" : "rows" },
    }),
  };
}

function transposedFactor({ tensor, transposed }: Factor): Factor {
  return { tensor, transposed: !transposed };
}
