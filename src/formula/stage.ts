import type { Node, ReductionNode, ScalarNode, TallyNode } from "./builder.ts";
import type { Widths } from "./magnitude-tree.ts";
import type { OpName } from "./ops.ts";
import type { ReductionName } from "./reductions.ts";

/** One step of a stage; its result has the number of its place in the list, and arguments are such numbers. */
export type Instruction =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "scalar"; readonly slot: number }
  | { readonly kind: "random"; readonly slot: number }
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
  /** How many numbers, trees and random streams a kernel is given. */
  readonly scalars: number;
  readonly trees: number;
  readonly streams: number;
}

/** One pass over the inputs. */
export interface Stage {
  readonly structure: Structure;
  /** What to evaluate before the pass, one for each of the structure's slots. */
  readonly scalars: readonly ScalarNode[];
  readonly trees: readonly ScalarNode[];
  /** Numbers of the random streams. */
  readonly streams: readonly number[];
  /** The values this pass makes: one for each of the structure's reductions, then one for each of its tallies. */
  readonly results: readonly ScalarNode[];
}

/** Flattens the graphs of one pass into a list in which equal values are computed once. */
export class StageWriter {
  private readonly instructions: Instruction[] = [];
  private readonly numbers = new Map<string, number>();
  /** Without it, a node would be walked once for every way that leads to it. */
  private readonly seen = new Map<Node, number>();
  private readonly scalars: ScalarNode[] = [];
  private readonly trees: ScalarNode[] = [];
  private readonly streams: number[] = [];

  write(results: readonly (ReductionNode | TallyNode)[], output: Node | undefined): Stage {
    const reduced = results.filter((node) => node.kind === "reduction");
    const tallied = results.filter((node) => node.kind === "tally");
    const reductions = reduced.map(({ by, of }) => ({ by, args: of.map((node) => this.number(node)) }));
    const tallies = tallied.map(({ widths, level, tree, of }) => ({
      arg: this.number(of),
      widths,
      level,
      ...(tree && { slot: slotOf(this.trees, tree) }),
    }));
    const emit = output === undefined ? undefined : this.number(output);
    const { instructions, scalars, trees, streams } = this;
    const structure: Structure = {
      instructions,
      reductions,
      tallies,
      ...(emit !== undefined && { emit }),
      scalars: scalars.length,
      trees: trees.length,
      streams: streams.length,
    };
    return { structure, scalars, trees, streams, results: [...reduced, ...tallied] };
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
    switch (node.kind) {
      case "input":
        return node;
      case "scalar":
        return { kind: "scalar", slot: slotOf(this.scalars, node.scalar) };
      case "random":
        return { kind: "random", slot: slotOf(this.streams, node.stream) };
      case "lookup":
        return {
          kind: "lookup",
          slot: slotOf(this.trees, node.tree),
          widths: node.widths,
          arg: this.number(node.of),
        };
      case "op":
        return { kind: "op", op: node.op, args: node.args.map((arg) => this.number(arg)) };
      case "rank":
        throw new Error("a rank was not expanded into a lookup");
      case "rowRank":
        throw new Error("ranks in rows can't be computed yet");
    }
  }
}

function slotOf<T>(slots: T[], value: T): number {
  const known = slots.indexOf(value);
  return known >= 0 ? known : slots.push(value) - 1;
}
