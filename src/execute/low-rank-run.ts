import { bytesOf } from "../dtype.ts";
import { decodeFloats } from "../kernels/low-rank/decode.ts";
import type { LowRankProduct } from "../kernels/low-rank/product.ts";
import type { Factor, LowRankUpdate, Span } from "../plan/plan.ts";
import type { InputReader } from "./input-reader.ts";

/** Rows of a matrix, from one up to but not including another. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

/** Computes runs of one update's product; the right factor is read once, of the left one the rows a run touches. */
export class LowRankRun {
  private readonly update: LowRankUpdate;
  private readonly inputs: InputReader;
  private readonly product: LowRankProduct;

  private constructor(update: LowRankUpdate, inputs: InputReader, product: LowRankProduct) {
    this.update = update;
    this.inputs = inputs;
    this.product = product;
  }

  /** Begins with another update, whose right factor takes the place of that in `product`. */
  static async start(
    update: LowRankUpdate,
    inputs: InputReader,
    product: LowRankProduct,
  ): Promise<LowRankRun> {
    const { rank, columns, right } = update;
    product.setRight(await factorRows(inputs, right, { from: 0, to: rank }, rank, columns), rank, columns);
    return new LowRankRun(update, inputs, product);
  }

  /** Fills `into` with what is added to the elements from number `first` of the tensor on. */
  async addedTo(first: number, into: Float32Array): Promise<void> {
    const { rows, columns, rank, scale, left } = this.update;
    const from = Math.floor(first / columns);
    const touched = { from, to: Math.ceil((first + into.length) / columns) };
    const leftRows =
      left === undefined ? Float32Array.of(1) : await factorRows(this.inputs, left, touched, rows, rank);
    this.product.multiply({ left: leftRows, firstRow: from, first, scale, into });
  }
}

/** All numbers of a span of `elements` elements, in float32. */
export async function readFloats(inputs: InputReader, span: Span, elements: number): Promise<Float32Array> {
  const bytes = new Uint8Array(bytesOf(span.dtype, elements));
  await inputs.read(span, bytes);
  const floats = new Float32Array(elements);
  decodeFloats(span.dtype, bytes, floats);
  return floats;
}

/** Some rows of a factor of `rows` rows and `columns` columns, row by row, however the file holds it. */
async function factorRows(
  inputs: InputReader,
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
  if (!factor.transposed) return readFloats(inputs, at(from * columns), count * columns);
  const result = new Float32Array(count * columns);
  for (let column = 0; column < columns; column++) {
    const part = await readFloats(inputs, at(column * rows + from), count);
    for (let row = 0; row < count; row++) result[row * columns + column] = part[row]!;
  }
  return result;
}
