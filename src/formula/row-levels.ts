import type { HostNode, Node, ReductionNode, RowRankNode, ScalarNode } from "./nodes.ts";
import { dependenciesOf } from "./dependencies.ts";
import { isRowScoped } from "./row.ts";

/** What can be found out about a row at once, given what the levels before found out. */
export interface RowLevel {
  readonly reductions: readonly ReductionNode[];
  readonly ranks: readonly RowRankNode[];
  /** What is computed from the reductions of this level and those before, in order. */
  readonly hosts: readonly HostNode[];
}

/** What must be found out about a row to compute the values of its elements; none when they are all alike. */
export function rowLevels(values: readonly Node[]): readonly RowLevel[] {
  const search = new LevelSearch();
  for (const value of values) search.levelOf(value);
  return search.levels;
}

class LevelSearch {
  readonly levels: { reductions: ReductionNode[]; ranks: RowRankNode[]; hosts: HostNode[] }[] = [];
  private readonly known = new Map<Node | ScalarNode, number>();

  /** How many levels come before a value is known; files all that is of a row, met on the way, under its level. */
  levelOf(node: Node | ScalarNode): number {
    let level = this.known.get(node);
    if (level === undefined) {
      level = isOfTensor(node) ? 0 : this.filed(node, this.latestOf(node));
      this.known.set(node, level);
    }
    return level;
  }

  private latestOf(node: Node | ScalarNode): number {
    return Math.max(0, ...dependenciesOf(node).map((on) => this.levelOf(on)));
  }

  private filed(node: Node | ScalarNode, latest: number): number {
    if (node.kind === "host") this.levels[latest - 1]!.hosts.push(node);
    if (node.kind !== "reduction" && node.kind !== "rowRank") return latest;
    const level = (this.levels[latest] ??= { reductions: [], ranks: [], hosts: [] });
    if (node.kind === "reduction") level.reductions.push(node);
    else level.ranks.push(node);
    return latest + 1;
  }
}

/** Whether a value is known before a stage begins: those it is made of are then no concern of the stage's. */
function isOfTensor(node: Node | ScalarNode): boolean {
  switch (node.kind) {
    case "constant":
    case "quantile":
    case "order":
    case "tally":
      return true;
    case "reduction":
    case "host":
      return !isRowScoped(node);
    default:
      return false;
  }
}
