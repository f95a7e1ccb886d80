import type { OpName } from "./ops.ts";
import type { ReductionName } from "./reductions.ts";

/** One value per element, as a graph of operations; nodes are shared, never copied. */
export type Node =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "scalar"; readonly scalar: ScalarNode }
  | { readonly kind: "op"; readonly op: OpName; readonly args: readonly Node[] };

/** One value per tensor. */
export type ScalarNode =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "reduction"; readonly by: ReductionName; readonly of: readonly Node[] }
  | { readonly kind: "host"; readonly compute: HostFunction; readonly args: readonly ScalarNode[] };

/** Arithmetic on reduced values between passes, in float64. */
export type HostFunction = (...values: readonly number[]) => number;

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
}

/** One number per tensor, known only after a pass over it, or made of such numbers. */
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
  return new Scalar({ kind: "reduction", by: "sum", of: [x.node] });
}

/** The sum of all products of elements at the same place. Ends a pass over the inputs. */
export function dot(x: Tensor, y: Tensor): Scalar {
  return new Scalar({ kind: "reduction", by: "dot", of: [x.node, y.node] });
}

/** `compute` of the arguments' values, in float64 between two passes: where branches, acos and solvers live. */
export function host(compute: HostFunction, ...args: readonly (Scalar | number)[]): Scalar {
  return new Scalar({ kind: "host", compute, args: args.map(scalarNodeOf) });
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
