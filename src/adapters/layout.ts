import type { Change } from "./change.ts";

/** A change and the shape of the base's tensor that it belongs to. */
export interface Placed {
  readonly change: Change;
  readonly shape: readonly number[];
}

/**
 * How the tensor of a change lies in the base: as the change sees it, transposed, square and so that nothing tells
 * which of both, or in no way that fits.
 */
export type Layout = "same" | "transposed" | "unknown" | "unfit";

/**
 * Tells how the tensors of an adapter's changes lie in the base: by their shapes, and where these are square by other
 * tensors of the same last name (GPT-2 has a square `attn.c_proj` and an `mlp.c_proj` that is not); else as the
 * configuration says, unless every other tensor gives that the lie.
 */
export function layoutsOf(fanInFanOut: boolean, placed: readonly Placed[]): (one: Placed) => Layout {
  const stated: Layout = fanInFanOut ? "transposed" : "same";
  const seen = new Set<Layout>();
  const seenByName = new Map<string, Set<Layout>>();
  for (const one of placed) {
    const layout = layoutByShape(one);
    if (!one.change.transposable || layout === "unfit" || layout === "unknown") continue;
    seen.add(layout);
    const name = lastName(one);
    seenByName.set(name, (seenByName.get(name) ?? new Set()).add(layout));
  }
  return (one) => {
    const layout = layoutByShape(one);
    if (layout !== "unknown") return layout;
    const [byName, another] = seenByName.get(lastName(one)) ?? [];
    if (byName !== undefined && another === undefined) return byName;
    return seen.size === 0 || seen.has(stated) ? stated : "unknown";
  };
}

function layoutByShape({ change, shape }: Placed): Layout {
  const fits = sameShape(change.shape, shape);
  const fitsTransposed = change.transposable && sameShape(change.shape.toReversed(), shape);
  if (fits) return fitsTransposed ? "unknown" : "same";
  return fitsTransposed ? "transposed" : "unfit";
}

/** The name of the module by itself: `c_proj` of `transformer.h.0.mlp.c_proj.weight`. */
function lastName({ change }: Placed): string {
  return change.target.split(".").at(-2) ?? "";
}

/** Whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
