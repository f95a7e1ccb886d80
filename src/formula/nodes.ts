import type { MagnitudeTree, Widths } from "./magnitude-tree.ts";
import type { OpName } from "./ops.ts";
import type { ReductionName } from "./reductions.ts";

/** One value per element, as a graph of operations; nodes are shared, never copied. */
export type Node =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "scalar"; readonly scalar: ScalarNode }
  | { readonly kind: "random"; readonly stream: number }
  | { readonly kind: "rank"; readonly of: Node; readonly tolerance: number }
  | { readonly kind: "lookup"; readonly widths: Widths; readonly tree: ScalarNode; readonly of: Node }
  | RowRankNode
  | { readonly kind: "op"; readonly op: OpName; readonly args: readonly Node[] };

/** Each element's rank by magnitude in its row, 0 to 1. */
export interface RowRankNode {
  readonly kind: "rowRank";
  readonly of: Node;
}

/** One value per tensor or, when it is or depends on a reduction of rows, one per row. */
export type ScalarNode =
  | { readonly kind: "constant"; readonly value: number }
  | ReductionNode
  | { readonly kind: "quantile"; readonly of: Node; readonly q: ScalarNode }
  | OrderNode
  | TallyNode
  | HostNode;

/** What is reduced to one value: all elements of a tensor, or those of each row along its last axis. */
export type Scope = "tensor" | "row";

export interface ReductionNode {
  readonly kind: "reduction";
  readonly by: ReductionName;
  readonly scope: Scope;
  readonly of: readonly Node[];
}

/** Arithmetic on scalars; one per row when an argument is. */
export interface HostNode {
  readonly kind: "host";
  readonly compute: HostFunction;
  readonly args: readonly ScalarNode[];
}

/** Counts of elements by their cell on one level of a magnitude tree. */
export interface TallyNode {
  readonly kind: "tally";
  readonly widths: Widths;
  readonly level: number;
  /** The tree that leads to the level; absent for the root, which every element comes to. */
  readonly tree?: ScalarNode;
  readonly of: Node;
}

/** Order statistics of magnitudes, as a list of numbers. */
export interface OrderNode {
  readonly kind: "order";
  readonly of: Node;
  readonly ranks: readonly RankOf[];
  /** What the ranks depend on beside the number of elements. */
  readonly args: readonly ScalarNode[];
}

/** A rank, 0 for the smallest, for a number of elements and other reduced values. */
export type RankOf = (elements: number, ...values: readonly number[]) => number;

/** What a pass over a tensor, or arithmetic on such results, may give. */
export type Reduced = number | Uint32Array | Float64Array | MagnitudeTree;

/** Arithmetic on reduced values between passes, in float64. */
export type HostFunction = (...values: readonly Reduced[]) => Reduced;
