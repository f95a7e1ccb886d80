import { type Mask, type Tensor, total, where } from "../formula/builder.ts";

/** Where each of some tensors has the sign of the sum of the votes: plus where that is zero. Zeros never have it. */
export function agreeing(tensors: readonly Tensor[], votes: readonly Tensor[]): readonly Mask[] {
  const elected = where(total(votes).ge(0), 1, -1);
  return tensors.map((tensor) => tensor.mul(elected).gt(0));
}
