/**
 * Elements that are reduced to one partial result. A constant of the result, not a tuning knob: sums of float64
 * depend on their order, so the pieces must be the same for every chunk size and number of workers.
 */
export const BLOCK_ELEMENTS = 65_536;

/**
 * Sums that run side by side in a block: element i goes to lane i mod 8, and lanes are folded pairwise at its end.
 * Eight float64 are four vectors, enough to hide the latency of an addition.
 */
export const REDUCTION_LANES = 8;

export interface ReductionRow {
  /** What one element gives; arguments and result in float64. A mask is 1 or 0. */
  readonly term: (...x: readonly number[]) => number;
  /** What two of them come to. */
  readonly fold: (a: number, b: number) => number;
  /** What no element comes to. */
  readonly identity: number;
  /**
   * How vectors compute it: `float64` lanes take in term by term by the opcode `fold`, each term made from the arguments
   * by `term`; `mask` lanes count the masks that hold, in integers.
   */
  readonly wasm:
    | { readonly lanes: "float64"; readonly term: readonly number[]; readonly fold: number }
    | { readonly lanes: "mask" };
  /**
   * How WGSL does: `sum` adds the product of its two factors, made from the arguments, to a sum of whole numbers
   * (`kernels/webgpu/sums.ts`); `mask` counts the masks that hold; with `none` it does not, and the CPU does.
   */
  readonly wgsl:
    | { readonly lanes: "sum"; readonly factors: (...x: readonly string[]) => readonly [string, string] }
    | { readonly lanes: "mask" | "none" };
}

const add = { fold: (a: number, b: number): number => a + b, identity: 0 };
const f64x2 = { add: 0xf0, mul: 0xf2, max: 0xf5 } as const;

const rows = {
  sum: {
    ...add,
    term: (...x) => x[0]!,
    wasm: { lanes: "float64", term: [], fold: f64x2.add },
    wgsl: { lanes: "sum", factors: (x) => [x, "ONE"] },
  },
  /** The product of two float32 is exact in float64, so only the additions round. */
  dot: {
    ...add,
    term: (...x) => x[0]! * x[1]!,
    wasm: { lanes: "float64", term: [f64x2.mul], fold: f64x2.add },
    wgsl: { lanes: "sum", factors: (x, y) => [x, y] },
  },
  /** NaN when a term is. */
  max: {
    term: (...x) => x[0]!,
    fold: Math.max,
    identity: -Infinity,
    wasm: { lanes: "float64", term: [], fold: f64x2.max },
    wgsl: { lanes: "none" },
  },
  count: { ...add, term: (...x) => x[0]!, wasm: { lanes: "mask" }, wgsl: { lanes: "mask" } },
} satisfies Record<string, ReductionRow>;

export type ReductionName = keyof typeof rows;

/** The reductions of many elements to one number: each folds a term per element. */
export const reductions: Readonly<Record<ReductionName, ReductionRow>> = rows;

/** What a block's lanes come to, folded pairwise: neighbours four apart, then two, then one. */
export function foldLanes(by: ReductionName, lanes: ArrayLike<number>): number {
  const { fold } = reductions[by];
  // By hand, without arrays: rows have lanes of their own, and there are many.
  const fours = (lane: number): number => fold(lanes[lane]!, lanes[lane + 4]!);
  return fold(fold(fours(0), fours(2)), fold(fours(1), fours(3)));
}

/** What the partials of all blocks of a tensor come to, in their order. */
export function foldBlocks(by: ReductionName, partials: Iterable<number>): number {
  const { fold, identity } = reductions[by];
  let folded = identity;
  for (const partial of partials) folded = fold(folded, partial);
  return folded;
}
