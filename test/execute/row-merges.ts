import {
  host,
  quantileOfMagnitudes,
  random,
  rowDot,
  rowMax,
  rowRankByMagnitude,
  rowSum,
  sum,
  type Tensor,
  total,
  where,
} from "../../src/formula/builder.ts";

type Merge = (tensors: readonly Tensor[]) => Tensor;

/** Merges whose elements depend on their rows, in one pass and in several. */
export const rowMerges: Readonly<Record<string, Merge>> = {
  direction([a, b]) {
    const norm = (x: Tensor) => host(Math.sqrt, rowDot(x, x));
    return a!
      .div(norm(a!))
      .add(b!.div(norm(b!)))
      .mul(norm(a!));
  },
  importance([a, b]) {
    const share = a!.sub(rowMax(a!)).div(rowSum(b!.abs()));
    return where(share.abs().ge(quantileOfMagnitudes(share, 0.6)), a!, b!);
  },
  thinned(tensors) {
    const parts = tensors.map((tensor, index) => {
      const kept = rowRankByMagnitude(tensor).mul(0.4).add(0.3).ge(random(index));
      const thin = where(kept, tensor, 0);
      return thin.mul(host((all, rest) => all / rest, sum(tensor.abs()), sum(thin.abs())));
    });
    return total(parts);
  },
};
