import type { Node, ScalarNode, Tensor } from "./builder.ts";
import type { OpName } from "./ops.ts";
import type { ReductionName } from "./reductions.ts";

/** One step of a stage; its result has the number of its place in the list, and arguments are such numbers. */
export type Instruction =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "scalar"; readonly slot: number }
  | { readonly kind: "op"; readonly op: OpName; readonly args: readonly number[] };

export interface StageReduction {
  readonly by: ReductionName;
  /** Numbers of the instructions whose results are reduced. */
  readonly args: readonly number[];
}

/** The part of a stage that decides a kernel's code: plain data, equal for all tensors of one formula. */
export interface Structure {
  readonly instructions: readonly Instruction[];
  readonly reductions: readonly StageReduction[];
  /** Number of the instruction whose result is written; absent in a pass that only reduces. */
  readonly emit?: number;
  /** How many scalars a kernel takes. */
  readonly scalars: number;
}

/** One pass over the inputs. */
export interface Stage {
  readonly structure: Structure;
  /** What to evaluate before the pass, one for each of the structure's slots. */
  readonly scalars: readonly ScalarNode[];
  /** The reduced values this pass makes, in the order of the structure's reductions. */
  readonly results: readonly ScalarNode[];
}

type ReductionNode = Extract<ScalarNode, { kind: "reduction" }>;

/**
 * The passes that compute a formula, in order: each makes the reductions that later ones need, and the last one
 * emits the output. A formula without reductions is one pass.
 */
export function lower(output: Tensor): readonly Stage[] {
  const reductionsByPass: ReductionNode[][] = [];
  const passes = passOf(output.node, reductionsByPass, new Map());
  const stages: Stage[] = [];
  for (let pass = 0; pass < passes; pass++) {
    stages.push(new StageWriter().write(reductionsByPass[pass] ?? [], undefined));
  }
  stages.push(new StageWriter().write([], output.node));
  return stages;
}

/** The value of a scalar, given the values of all reductions it depends on. */
export function evaluate(scalar: ScalarNode, reduced: ReadonlyMap<ScalarNode, number>): number {
  if (scalar.kind === "constant") return scalar.value;
  if (scalar.kind === "host") return scalar.compute(...scalar.args.map((arg) => evaluate(arg, reduced)));
  const value = reduced.get(scalar);
  if (value === undefined) throw new Error(`${scalar.by} is used before the pass that computes it`);
  return value;
}

/** The first pass in which a value is known; files every reduction met on the way under the pass that makes it. */
function passOf(
  node: Node | ScalarNode,
  reductionsByPass: ReductionNode[][],
  known: Map<Node | ScalarNode, number>,
): number {
  const seen = known.get(node);
  if (seen !== undefined) return seen;
  const latest = Math.max(0, ...dependenciesOf(node).map((on) => passOf(on, reductionsByPass, known)));
  const reduces = node.kind === "reduction";
  if (reduces) (reductionsByPass[latest] ??= []).push(node);
  const pass = reduces ? latest + 1 : latest;
  known.set(node, pass);
  return pass;
}

function dependenciesOf(node: Node | ScalarNode): readonly (Node | ScalarNode)[] {
  switch (node.kind) {
    case "op":
    case "host":
      return node.args;
    case "reduction":
      return node.of;
    case "scalar":
      return [node.scalar];
    case "input":
    case "constant":
      return [];
  }
}

/** Flattens the graphs of one pass into a list in which equal values are computed once. */
class StageWriter {
  private readonly instructions: Instruction[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly scalars: ScalarNode[] = [];

  write(results: readonly ReductionNode[], output: Node | undefined): Stage {
    const reductions = results.map(({ by, of }) => ({
      by,
      args: of.map((node) => this.number(node)),
    }));
    const emit = output === undefined ? undefined : this.number(output);
    const structure: Structure = {
      instructions: this.instructions,
      reductions,
      scalars: this.scalars.length,
      ...(emit === undefined ? {} : { emit }),
    };
    return { structure, scalars: this.scalars, results };
  }

  private number(node: Node): number {
    const instruction = this.instructionOf(node);
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
        return { kind: "scalar", slot: this.slotOf(node.scalar) };
      case "op":
        return { kind: "op", op: node.op, args: node.args.map((arg) => this.number(arg)) };
    }
  }

  private slotOf(scalar: ScalarNode): number {
    const known = this.scalars.indexOf(scalar);
    return known >= 0 ? known : this.scalars.push(scalar) - 1;
  }
}
