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
  /** What one element adds; arguments and result in float64. A mask is 1 or 0. */
  readonly term: (...x: readonly number[]) => number;
  /**
   * How vectors compute it: `float64` lanes are added up term by term, made from the arguments by these opcodes;
   * `mask` lanes count the masks that hold, in integers.
   */
  readonly wasm:
    | { readonly lanes: "float64"; readonly opcodes: readonly number[] }
    | { readonly lanes: "mask" };
  /**
   * How WGSL does: `sum` adds the product of its two factors, made from the arguments, to a sum of whole numbers
   * (`kernels/webgpu/sums.ts`); `mask` counts the masks that hold.
   */
  readonly wgsl:
    | { readonly lanes: "sum"; readonly factors: (...x: readonly string[]) => readonly [string, string] }
    | { readonly lanes: "mask" };
}

const rows = {
  sum: {
    term: (...x) => x[0]!,
    wasm: { lanes: "float64", opcodes: [] },
    wgsl: { lanes: "sum", factors: (x) => [x, "ONE"] },
  },
  /** The product of two float32 is exact in float64, so only the additions round. */
  dot: {
    term: (...x) => x[0]! * x[1]!,
    wasm: { lanes: "float64", opcodes: [0xf2] },
    wgsl: { lanes: "sum", factors: (x, y) => [x, y] },
  },
  count: { term: (...x) => x[0]!, wasm: { lanes: "mask" }, wgsl: { lanes: "mask" } },
} satisfies Record<string, ReductionRow>;

export type ReductionName = keyof typeof rows;

/** The reductions of a whole tensor to one number: each adds a term per element. */
export const reductions: Readonly<Record<ReductionName, ReductionRow>> = rows;

/** The sum of a block's lanes, folded pairwise: neighbours four apart, then two, then one. */
export function foldLanes(lanes: readonly number[]): number {
  const fours = [0, 1, 2, 3].map((lane) => lanes[lane]! + lanes[lane + 4]!);
  return fours[0]! + fours[2]! + (fours[1]! + fours[3]!);
}

/** The sum of the partials of all blocks of a tensor, in their order. */
export function foldBlocks(partials: Iterable<number>): number {
  let sum = 0;
  for (const partial of partials) sum += partial;
  return sum;
}
