import type { Factor, Update } from "../../src/adapters/update.ts";
import { arithmeticOf, bytesOf } from "../../src/dtype.ts";
import type { TensorInfo } from "../../src/formats/checkpoint.ts";
import type { Storage } from "../../src/io/storage.ts";

/** All elements of a floating-point tensor whose bytes lie in its file as they are. */
export async function readElements(storage: Storage, tensor: TensorInfo): Promise<Float64Array> {
  const { dtype, file, offset, bytes, text } = tensor;
  if (text !== undefined) throw new Error(`${tensor.name} is stored as text`);
  const source = await storage.open(file);
  const view = new DataView(new ArrayBuffer(bytes));
  await source.readInto(new Uint8Array(view.buffer), offset);
  await source.close();
  const width = bytesOf(dtype, 1);
  return Float64Array.from({ length: bytes / width }, (_, index) =>
    arithmeticOf(dtype)!.decode(view, index * width),
  );
}

/** What an update makes of `weight`, in float64. Plain loops on purpose: this is what the fast ones are compared with. */
export async function applyUpdate(
  storage: Storage,
  weight: Float64Array,
  update: Update,
): Promise<Float64Array> {
  const { rows, columns, rank, scale, magnitude } = update;
  const left = await readFactor(storage, update.left, rows, rank);
  const right = await readFactor(storage, update.right, rank, columns);
  const sum = weight.map((value, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    let product = 0;
    for (let k = 0; k < rank; k++) product += left(row, k) * right(k, column);
    return value + scale * product;
  });
  if (magnitude === undefined) return sum;
  const wanted = await readElements(storage, magnitude.tensor);
  const lineOf = (index: number): number =>
    magnitude.axis === "rows" ? Math.floor(index / columns) : index % columns;
  const squares = new Float64Array(wanted.length);
  for (const [index, value] of sum.entries()) squares[lineOf(index)]! += value ** 2;
  return sum.map((value, index) => (value * wanted[lineOf(index)]!) / Math.sqrt(squares[lineOf(index)]!));
}

/** Reads a factor; an absent one is a single 1. */
async function readFactor(
  storage: Storage,
  factor: Factor | undefined,
  rows: number,
  columns: number,
): Promise<(row: number, column: number) => number> {
  if (factor === undefined) return () => 1;
  const elements = await readElements(storage, factor.tensor);
  if (elements.length !== rows * columns)
    throw new Error(`${factor.tensor.name} is not ${rows} x ${columns}`);
  return (row, column) => elements[factor.transposed ? column * rows + row : row * columns + column]!;
}
