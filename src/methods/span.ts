import { dot, host, type Scalar, type Tensor, total } from "../formula/builder.ts";

/** The dot products of some vectors with each other, by their numbers. They tell all there is about lengths and angles. */
export type Gram = readonly (readonly number[])[];

/** What the dot products of two tensors are taken over: all elements, or the elements of each row. */
type InnerProduct = typeof dot;

/**
 * The combination of some tensors that has the coefficients `solve` finds from their dot products. What happens among
 * the tensors, however many steps it takes, happens to a few numbers: one pass reduces, one emits.
 */
export function combined(
  tensors: readonly Tensor[],
  solve: (gram: Gram) => readonly number[],
  inner: InnerProduct = dot,
): Tensor {
  const coefficient = (model: number): Scalar => ofGram(tensors, (gram) => solve(gram)[model]!, inner);
  return total(tensors.map((tensor, model) => tensor.mul(coefficient(model))));
}

/** The number that `compute` makes of the dot products of some tensors. */
export function ofGram(
  tensors: readonly Tensor[],
  compute: (gram: Gram) => number,
  inner: InnerProduct = dot,
): Scalar {
  const products = tensors.flatMap((x, row) => tensors.slice(0, row + 1).map((y) => inner(x, y)));
  // A triangle: row 0 has one product, row 1 two, and so on.
  const at = (row: number, column: number): number =>
    row < column ? at(column, row) : (row * (row + 1)) / 2 + column;
  const gramOf = (values: readonly number[]): Gram =>
    tensors.map((_, row) => tensors.map((_, column) => values[at(row, column)]!));
  return host((...values) => compute(gramOf(values)), ...products);
}

/** The length of a combination of vectors with these coefficients. */
export function lengthOf(coefficients: readonly number[], gram: Gram): number {
  const square = coefficients.reduce((sum, one, i) => sum + one * alongOf(coefficients, gram, i), 0);
  // Of a combination that cancels, rounding may leave less than nothing.
  return Math.sqrt(Math.max(0, square));
}

/** The dot product of such a combination with vector number `index`. */
export function alongOf(coefficients: readonly number[], gram: Gram, index: number): number {
  return coefficients.reduce((sum, one, i) => sum + one * gram[i]![index]!, 0);
}

/** A cosine as it is but for rounding: from -1 to 1. */
export function clampedCosine(cosine: number): number {
  return Math.min(1, Math.max(-1, cosine));
}
