import { bitsOf } from "../dtype.ts";
import type { DType } from "../dtype.ts";

/** Bytes of a tensor, or why there is no such number. */
export type TensorSize = { readonly bytes: number } | { readonly fault: string };

/** Bytes of a tensor of this type and shape; every step stays below 2^53, where numbers are exact. */
export function tensorSize(dtype: DType, shape: readonly number[]): TensorSize {
  let elements = 1;
  for (const length of shape) {
    elements *= length;
    if (!Number.isSafeInteger(elements)) return { fault: "has 2^53 elements or more" };
  }
  const bits = elements * bitsOf(dtype);
  if (!Number.isSafeInteger(bits)) return { fault: "takes 2^53 bits or more" };
  if (bits % 8 !== 0) return { fault: `takes ${bits} bits, which is no whole number of bytes` };
  return { bytes: bits / 8 };
}
