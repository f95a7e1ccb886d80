import { Scalar, type Tensor } from "./builder.ts";
import type { OrderNode, RankOf, Reduced } from "./nodes.ts";

/**
 * The magnitudes that have these ranks, which must ascend: 0 is the rank of the smallest. A rank below 0 stands for 0,
 * one past the last for infinity. Exact; ends as many passes as that takes, the same ones for all.
 * @param args what the ranks depend on beside the number of elements.
 */
export function orderStatisticsOfMagnitudes<const R extends readonly RankOf[]>(
  x: Tensor,
  ranks: R,
  ...args: readonly Scalar[]
): { readonly [Index in keyof R]: Scalar } {
  const order: OrderNode = { kind: "order", of: x.node, ranks, args: args.map(({ node }) => node) };
  const scalars = ranks.map((_, index) => {
    const pick = (found: Reduced): number => (found as Float64Array)[index]!;
    return new Scalar({ kind: "host", compute: pick, args: [order] });
  });
  // One for each rank, in their order.
  return scalars as { [Index in keyof R]: Scalar };
}
