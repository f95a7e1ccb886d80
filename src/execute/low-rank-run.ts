import { bytesOf } from "../dtype.ts";
import type { LowRankProduct } from "../kernels/low-rank/product.ts";
import type { Factor, LowRankUpdate, Span } from "../plan/plan.ts";
import type { FloatReader } from "./float-reader.ts";

/** Rows of a matrix, from one up to but not including another. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

/** Computes runs of one update's product; the right factor is read once, of the left one the rows a run touches. */
export class LowRankRun {
  private readonly update: LowRankUpdate;
  private readonly floats: FloatReader;
  private readonly product: LowRankProduct;

  private constructor(update: LowRankUpdate, floats: FloatReader, product: LowRankProduct) {
    this.update = update;
    this.floats = floats;
    this.product = product;
  }

  /** Begins with another update, whose right factor takes the place of that in `product`. */
  static async start(
    update: LowRankUpdate,
    floats: FloatReader,
    product: LowRankProduct,
  ): Promise<LowRankRun> {
    const { rank, columns, right } = update;
    product.setRight(await factorRows(floats, right, { from: 0, to: rank }, rank, columns), rank, columns);
    return new LowRankRun(update, floats, product);
  }

  /** Fills `into` with what is added to the elements from number `first` of the tensor on. */
  async addedTo(first: number, into: Float32Array): Promise<void> {
    const { rows, columns, rank, scale, left } = this.update;
    const from = Math.floor(first / columns);
    const touched = { from, to: Math.ceil((first + into.length) / columns) };
    const leftRows =
      left === undefined ? Float32Array.of(1) : await factorRows(this.floats, left, touched, rows, rank);
    this.product.multiply({ left: leftRows, firstRow: from, first, scale, into });
  }
}

/** Some rows of a factor of `rows` rows and `columns` columns, row by row, however the file holds it; good until `floats` reads again. */
async function factorRows(
  floats: FloatReader,
  factor: Factor,
  { from, to }: Rows,
  rows: number,
  columns: number,
): Promise<Float32Array> {
  const at = (element: number): Span => ({
    ...factor,
    offset: factor.offset + bytesOf(factor.dtype, element),
  });
  const count = to - from;
  if (!factor.transposed) return floats.read(at(from * columns), count * columns);
  const result = new Float32Array(count * columns);
  for (let column = 0; column < columns; column++) {
    const part = await floats.read(at(column * rows + from), count);
    for (let row = 0; row < count; row++) result[row * columns + column] = part[row]!;
  }
  return result;
}
