import { host, type Mask, sum, type Tensor, where } from "../formula/builder.ts";

/** The sum of magnitudes below which a tensor is taken for zero and not rescaled. Source: PaddleNLP; mergekit has 1e-7. */
const MIN_SUM = 1e-8;

/** The tensor, enlarged so that what is kept of it has the sum of magnitudes that all of it had. */
export function rescaledBySum(d: Tensor, kept: Mask): Tensor {
  const scale = host(
    (all, rest) => (all >= MIN_SUM && rest >= MIN_SUM ? all / rest : 1),
    sum(d.abs()),
    sum(where(kept, d.abs(), 0)),
  );
  return d.mul(scale);
}
