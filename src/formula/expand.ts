import type { Node, ScalarNode } from "./nodes.ts";
import { rankWidths, type TreeSize } from "./magnitude-tree.ts";
import { orderNode, quantileNode } from "./quantile.ts";
import { rankTreeNode } from "./ranks.ts";
import { isRowScoped } from "./row.ts";

/** Rewrites graphs so that quantiles and ranks become the tallies and lookups that find them; sharing is kept. */
export class Expansion {
  private readonly size: TreeSize;
  private readonly nodes = new Map<Node, Node>();
  private readonly scalars = new Map<ScalarNode, ScalarNode>();

  constructor(size: TreeSize) {
    this.size = size;
  }

  node(node: Node): Node {
    return remembered(this.nodes, node, () => this.expandNode(node));
  }

  scalar(scalar: ScalarNode): ScalarNode {
    return remembered(this.scalars, scalar, () => this.expandScalar(scalar));
  }

  private expandNode(node: Node): Node {
    switch (node.kind) {
      case "op":
        return { ...node, args: node.args.map((arg) => this.node(arg)) };
      case "scalar":
        return { ...node, scalar: this.scalar(node.scalar) };
      case "lookup":
        return { ...node, tree: this.scalar(node.tree), of: this.node(node.of) };
      case "rank": {
        const of = this.node(node.of);
        const tree = rankTreeNode(of, node.tolerance, this.size);
        return { kind: "lookup", widths: rankWidths(this.size), tree, of };
      }
      case "rowRank":
        return { ...node, of: this.node(node.of) };
      case "input":
      case "random":
        return node;
    }
  }

  private expandScalar(scalar: ScalarNode): ScalarNode {
    switch (scalar.kind) {
      case "host":
        return { ...scalar, args: scalar.args.map((arg) => this.scalar(arg)) };
      case "reduction":
        return { ...scalar, of: scalar.of.map((node) => this.node(node)) };
      case "tally":
        return {
          ...scalar,
          ...(scalar.tree && { tree: this.scalar(scalar.tree) }),
          of: this.node(scalar.of),
        };
      case "quantile":
        if (isRowScoped(scalar.q)) throw new Error("a quantile of a tensor can't depend on a value of rows");
        return quantileNode(this.node(scalar.of), this.scalar(scalar.q), this.size);
      case "order": {
        const args = scalar.args.map((arg) => this.scalar(arg));
        return orderNode({ ...scalar, of: this.node(scalar.of), args }, this.size);
      }
      case "constant":
        return scalar;
    }
  }
}

function remembered<T>(known: Map<T, T>, key: T, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
