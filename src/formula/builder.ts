import type { HostFunction, Node, ScalarNode, Scope } from "./nodes.ts";
import type { OpName } from "./ops.ts";
import type { ReductionName } from "./reductions.ts";

/** What an elementwise operation takes beside a tensor: another one, or one number for all elements. */
export type Operand = Tensor | Scalar | number;

/** One number per element of the tensor being merged. */
export class Tensor {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  add(other: Operand): Tensor {
    return elementwise("add", this, other);
  }
  sub(other: Operand): Tensor {
    return elementwise("sub", this, other);
  }
  mul(other: Operand): Tensor {
    return elementwise("mul", this, other);
  }
  div(other: Operand): Tensor {
    return elementwise("div", this, other);
  }
  /** The smaller of both; NaN when either is. */
  min(other: Operand): Tensor {
    return elementwise("min", this, other);
  }
  /** The larger of both; NaN when either is. */
  max(other: Operand): Tensor {
    return elementwise("max", this, other);
  }
  neg(): Tensor {
    return elementwise("neg", this);
  }
  abs(): Tensor {
    return elementwise("abs", this);
  }
  sqrt(): Tensor {
    return elementwise("sqrt", this);
  }
  eq(other: Operand): Mask {
    return comparison("eq", this, other);
  }
  lt(other: Operand): Mask {
    return comparison("lt", this, other);
  }
  le(other: Operand): Mask {
    return comparison("le", this, other);
  }
  gt(other: Operand): Mask {
    return comparison("gt", this, other);
  }
  ge(other: Operand): Mask {
    return comparison("ge", this, other);
  }
}

/** One truth per element. */
export class Mask {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  and(other: Mask): Mask {
    return new Mask({ kind: "op", op: "and", args: [this.node, other.node] });
  }
  not(): Mask {
    return new Mask({ kind: "op", op: "not", args: [this.node] });
  }
  or(other: Mask): Mask {
    return new Mask({ kind: "op", op: "or", args: [this.node, other.node] });
  }
}

/**
 * One number per tensor, known only after a pass over it, or made of such numbers; or one number per row of a tensor. A
 * row is what lies along the last axis: a tensor of one axis or none is a single row. What is made of rows' numbers has
 * one per row, too, until it is reduced over the tensor. It may stand wherever a Scalar may, but in a quantile's `q` and
 * in observations, which are of tensors.
 */
export class Scalar {
  readonly node: ScalarNode;

  constructor(node: ScalarNode) {
    this.node = node;
  }
}

/** The tensor of operand number `index`. */
export function input(index: number): Tensor {
  return new Tensor({ kind: "input", index });
}

/** `yes` where the mask holds, `no` elsewhere. */
export function where(test: Mask, yes: Operand, no: Operand): Tensor {
  return new Tensor({ kind: "op", op: "where", args: [nodeOf(yes), nodeOf(no), test.node] });
}

/**
 * The sum from left to right; the order is part of the result. It starts from zero, as Python's `sum` does, so a sum
 * of negative zeros is zero.
 */
export function total(tensors: readonly Tensor[]): Tensor {
  const zero = new Tensor(nodeOf(0));
  return tensors.reduce((sum, tensor) => sum.add(tensor), zero);
}

/** The sum of all elements. Ends a pass over the inputs. */
export function sum(x: Tensor): Scalar {
  return reduction("sum", "tensor", x);
}

/** The sum of each row. Costs no pass of its own. */
export function rowSum(x: Tensor): Scalar {
  return reduction("sum", "row", x);
}

/** The sum of all products of elements at the same place. Ends a pass over the inputs. */
export function dot(x: Tensor, y: Tensor): Scalar {
  return reduction("dot", "tensor", x, y);
}

/** The sum of each row's products of elements at the same place. Costs no pass of its own. */
export function rowDot(x: Tensor, y: Tensor): Scalar {
  return reduction("dot", "row", x, y);
}

/** The largest of all elements; NaN when one of them is. Ends a pass over the inputs. */
export function max(x: Tensor): Scalar {
  return reduction("max", "tensor", x);
}

/** The largest element of each row; NaN when one of them is. Costs no pass of its own. */
export function rowMax(x: Tensor): Scalar {
  return reduction("max", "row", x);
}

/**
 * The quantile `q` (0 to 1) of the magnitudes of all elements, interpolated linearly between the two nearest order
 * statistics. Exact; ends as many passes as that takes.
 */
export function quantileOfMagnitudes(x: Tensor, q: number): Scalar {
  return new Scalar({ kind: "quantile", of: x.node, q: scalarNodeOf(q) });
}

/**
 * Each element's rank by magnitude, the largest first, divided by the number of elements: 0 to 1. Equal magnitudes
 * share the mean of their ranks; others are off by `tolerance` at most. Ends as many passes as that takes.
 */
export function rankByMagnitude(x: Tensor, tolerance: number): Tensor {
  return new Tensor({ kind: "rank", of: x.node, tolerance });
}

/**
 * Each element's rank by magnitude in its row, the smallest first, divided by the row's elements less one: 0 to 1, and 1
 * in a row of one element. Equal magnitudes share the mean of their ranks; NaN ranks above infinity. Exact; costs no pass
 * of its own.
 */
export function rowRankByMagnitude(x: Tensor): Tensor {
  return new Tensor({ kind: "rowRank", of: x.node });
}

/** How many elements the mask holds for. Ends a pass over the inputs. */
export function count(mask: Mask): Scalar {
  return reduction("count", "tensor", mask);
}

/**
 * `compute` of the arguments' values, in float64 between two passes: where branches, acos and solvers live. Of rows'
 * values it is computed for each row, half a million times in a small model.
 */
export function host(
  compute: (...values: readonly number[]) => number,
  ...args: readonly (Scalar | number)[]
): Scalar {
  return new Scalar({ kind: "host", compute: compute as HostFunction, args: args.map(scalarNodeOf) });
}

/** Uniform numbers in [0, 1), the same for an element in every run; streams are independent of each other. */
export function random(stream: number): Tensor {
  return new Tensor({ kind: "random", stream });
}

function reduction(by: ReductionName, scope: Scope, ...of: readonly (Tensor | Mask)[]): Scalar {
  return new Scalar({ kind: "reduction", by, scope, of: of.map(({ node }) => node) });
}

function elementwise(op: OpName, ...operands: readonly Operand[]): Tensor {
  return new Tensor({ kind: "op", op, args: operands.map(nodeOf) });
}

function comparison(op: OpName, ...operands: readonly Operand[]): Mask {
  return new Mask({ kind: "op", op, args: operands.map(nodeOf) });
}

function nodeOf(operand: Operand): Node {
  if (operand instanceof Tensor) return operand.node;
  return { kind: "scalar", scalar: scalarNodeOf(operand) };
}

function scalarNodeOf(value: Scalar | number): ScalarNode {
  return value instanceof Scalar ? value.node : { kind: "constant", value };
}
