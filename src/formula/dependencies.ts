import type { Node, ScalarNode } from "./nodes.ts";

/** What a value is directly made of. */
export function dependenciesOf(node: Node | ScalarNode): readonly (Node | ScalarNode)[] {
  switch (node.kind) {
    case "op":
    case "host":
      return node.args;
    case "reduction":
      return node.of;
    case "scalar":
      return [node.scalar];
    case "tally":
      return node.tree === undefined ? [node.of] : [node.tree, node.of];
    case "lookup":
      return [node.tree, node.of];
    case "quantile":
      return [node.q, node.of];
    case "order":
      return [node.of, ...node.args];
    case "rank":
    case "rowRank":
      return [node.of];
    case "input":
    case "random":
    case "constant":
      return [];
  }
}
