import type { HostFunction, Node, ReductionNode, RowRankNode, ScalarNode, TallyNode } from "./nodes.ts";
import type { Widths } from "./magnitude-tree.ts";
import type { OpName } from "./ops.ts";
import type { ReductionName } from "./reductions.ts";

/** One step of a stage; its result has the number of its place in the list, and arguments are such numbers. */
export type Instruction =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "scalar"; readonly slot: number }
  | { readonly kind: "random"; readonly slot: number }
  | { readonly kind: "rowRank"; readonly slot: number }
  | { readonly kind: "lookup"; readonly slot: number; readonly widths: Widths; readonly arg: number }
  | { readonly kind: "op"; readonly op: OpName; readonly args: readonly number[] };

export interface StageReduction {
  readonly by: ReductionName;
  /** Numbers of the instructions whose results are reduced. */
  readonly args: readonly number[];
}

/** Counts elements by their cell on one level of a magnitude tree. */
export interface StageTally {
  readonly arg: number;
  readonly widths: Widths;
  readonly level: number;
  /** Slot of the tree that leads to the level; absent for the root. */
  readonly slot?: number;
}

/** The part of a stage that decides a kernel's code: plain data, equal for all tensors of one formula. */
export interface Structure {
  readonly instructions: readonly Instruction[];
  readonly reductions: readonly StageReduction[];
  readonly tallies: readonly StageTally[];
  /** Number of the instruction whose result is written; absent in a pass that only reduces. */
  readonly emit?: number;
  /** How many numbers, trees, random streams and ranks of a row a kernel is given: the first ones of the stage's. */
  readonly scalars: number;
  readonly trees: number;
  readonly streams: number;
  readonly ranks: number;
}

/** One pass over the inputs. */
export interface Stage {
  /** What is run over each row before the structure is, in order; none: rows don't matter to the stage. */
  readonly preludes: readonly Prelude[];
  readonly structure: Structure;
  /** What to evaluate before the pass, one for each of the structure's slots; values of rows, preludes find out. */
  readonly scalars: readonly ScalarNode[];
  readonly trees: readonly ScalarNode[];
  /** Numbers of the random streams. */
  readonly streams: readonly number[];
  /** The values this pass makes: one for each of the structure's reductions, then one for each of its tallies. */
  readonly results: readonly ScalarNode[];
}

/** Finds out about one row what a stage must know before it is run over it. */
export interface Prelude {
  /** Reduces the row; or emits it, to have its ranks taken, which go into the next slot of ranks. */
  readonly structure: Structure;
  /** The slots that take its reductions. */
  readonly results: readonly number[];
  /** What is then computed from filled slots, in order. */
  readonly hosts: readonly RowHost[];
}

/** Arithmetic on values of one row. */
export interface RowHost {
  readonly compute: HostFunction;
  /** Slots of its arguments, and the one that takes its result. */
  readonly args: readonly number[];
  readonly slot: number;
}

/** What the structures of a stage are given, in slots: each takes the first ones of every list. */
export class StageSlots {
  readonly scalars: ScalarNode[] = [];
  readonly trees: ScalarNode[] = [];
  readonly streams: number[] = [];
  readonly ranks: RowRankNode[] = [];
}

/** Flattens graphs into the instructions of one structure, in which equal values are computed once. */
export class StructureWriter {
  private readonly slots: StageSlots;
  private readonly instructions: Instruction[] = [];
  private readonly numbers = new Map<string, number>();
  /** Without it, a node would be walked once for every way that leads to it. */
  private readonly seen = new Map<Node, number>();

  constructor(slots: StageSlots) {
    this.slots = slots;
  }

  write(
    reduced: readonly ReductionNode[],
    tallied: readonly TallyNode[],
    output: Node | undefined,
  ): Structure {
    const reductions = reduced.map(({ by, of }) => ({ by, args: of.map((node) => this.number(node)) }));
    const tallies = tallied.map(({ widths, level, tree, of }) => ({
      arg: this.number(of),
      widths,
      level,
      ...(tree && { slot: slotOf(this.slots.trees, tree) }),
    }));
    const emit = output === undefined ? undefined : this.number(output);
    const { scalars, trees, streams, ranks } = this.slots;
    return {
      instructions: this.instructions,
      reductions,
      tallies,
      ...(emit !== undefined && { emit }),
      scalars: scalars.length,
      trees: trees.length,
      streams: streams.length,
      ranks: ranks.length,
    };
  }

  private number(node: Node): number {
    const number = this.seen.get(node) ?? this.numberOf(this.instructionOf(node));
    this.seen.set(node, number);
    return number;
  }

  private numberOf(instruction: Instruction): number {
    const key = JSON.stringify(instruction);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.instructions.push(instruction) - 1;
    this.numbers.set(key, number);
    return number;
  }

  private instructionOf(node: Node): Instruction {
    const { scalars, trees, streams, ranks } = this.slots;
    switch (node.kind) {
      case "input":
        return node;
      case "scalar":
        return { kind: "scalar", slot: slotOf(scalars, node.scalar) };
      case "random":
        return { kind: "random", slot: slotOf(streams, node.stream) };
      case "rowRank":
        return { kind: "rowRank", slot: slotOf(ranks, node) };
      case "lookup": {
        const { widths, of } = node;
        return { kind: "lookup", slot: slotOf(trees, node.tree), widths, arg: this.number(of) };
      }
      case "op":
        return { kind: "op", op: node.op, args: node.args.map((arg) => this.number(arg)) };
      case "rank":
        throw new Error("a rank was not expanded into a lookup");
    }
  }
}

/** The slot of a value: the one it has, else a new one. */
export function slotOf<T>(slots: T[], value: T): number {
  const known = slots.indexOf(value);
  return known >= 0 ? known : slots.push(value) - 1;
}
