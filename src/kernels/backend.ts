import type { Awaitable } from "../awaitable.ts";
import { arithmeticOf, type DType, type Precision } from "../dtype.ts";
import type { Structure } from "../formula/lower.ts";

/** Element types of a pass: of each operand, and of the output. */
export interface Layout {
  readonly inputs: readonly DType[];
  readonly output: DType;
}

/** Room for one run of elements: file bytes are read straight into `inputs` and written straight from `output`. */
export interface Buffers {
  readonly inputs: readonly Uint8Array[];
  readonly output: Uint8Array;
}

/** One compiled pass. */
export interface Kernel {
  /**
   * Computes the first `elements` elements of the buffers that the backend last made for the kernel's layout.
   * @param scalars values of the structure's slots.
   * @returns for each reduction, one partial per block of `BLOCK_ELEMENTS` elements.
   */
  run(elements: number, scalars: readonly number[]): Awaitable<readonly Float64Array[]>;
}

/** A way to compute passes; it holds one set of buffers and works on one run of elements at a time. */
export interface Backend {
  /** Buffers for `elements` elements; what the last call returned is no longer valid. */
  buffersFor(layout: Layout, elements: number): Buffers;
  compile(structure: Structure, layout: Layout): Awaitable<Kernel>;
}

/** Makes a backend whose buffers take up `capacityBytes` at most. */
export type BackendFactory = (capacityBytes: number) => Backend;

/**
 * Float64 when an operand or the output is float64, float32 otherwise; as NumPy promotes, and so that nothing is
 * lost on the way to a float64 output.
 */
export function precisionOf(layout: Layout): Precision {
  const isDouble = (dtype: DType): boolean => arithmeticOf(dtype)?.precision === "float64";
  return [...layout.inputs, layout.output].some(isDouble) ? "float64" : "float32";
}
