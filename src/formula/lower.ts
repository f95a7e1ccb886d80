import type { Scalar, Tensor } from "./builder.ts";
import type { Node, Reduced, ReductionNode, ScalarNode, TallyNode } from "./nodes.ts";
import { dependenciesOf } from "./dependencies.ts";
import { Expansion } from "./expand.ts";
import type { TreeSize } from "./magnitude-tree.ts";
import { isRowScoped } from "./row.ts";
import type { Stage } from "./stage.ts";
import { writeStage } from "./write-stage.ts";

/** What a method makes of its operands. */
export interface Formula {
  readonly output: Tensor;
  /** Values worth knowing about a tensor; they cost no pass of their own. */
  readonly observations: readonly Observation[];
}

/** A named value of a tensor, for reports. */
export interface Observation {
  readonly name: string;
  readonly value: Scalar;
}

/** A formula as passes over its operands. */
export interface Passes {
  readonly stages: readonly Stage[];
  /** The observed values and their names, in the formula's order; known after the last pass. */
  readonly observed: readonly ScalarNode[];
  readonly observations: readonly string[];
}

type PassNode = ReductionNode | TallyNode;

/**
 * The passes that compute a formula, in order: each makes the reductions that later ones need, and the last one
 * emits the output. A formula without reductions is one pass. What is only observed is reduced in the last pass. Values of
 * rows take no pass: each pass that needs them finds them out again, row by row.
 */
export function lower({ output, observations }: Formula, size: TreeSize): Passes {
  const expansion = new Expansion(size);
  const emitted = expansion.node(output.node);
  const observed = observations.map(({ value }) => expansion.scalar(value.node));

  if (observed.some(isRowScoped)) throw new Error("a value of rows is observed, and reports are of tensors");

  const schedule = new Schedule();
  const passes = schedule.passOf(emitted);
  const resultsByPass = schedule.resultsByPass.slice(0, passes);
  const late = observed
    .flatMap((scalar) => passNodesIn(scalar))
    .filter((node) => !resultsByPass.flat().includes(node));
  const stages = resultsByPass.map((results) => writeStage(results, undefined));
  const last = writeStage([...new Set(late)], emitted);
  return { stages: [...stages, last], observed, observations: observations.map(({ name }) => name) };
}

/** Whether some pass must be run row by row. */
export function hasRowScope({ stages }: Passes): boolean {
  return stages.some(({ preludes }) => preludes.length > 0);
}

/** The value of a scalar, given the values of all reductions it depends on; each host function runs once. */
export function evaluate(scalar: ScalarNode, known: Map<ScalarNode, Reduced>): Reduced {
  if (scalar.kind === "constant") return scalar.value;
  let value = known.get(scalar);
  if (value === undefined) {
    if (scalar.kind !== "host") throw new Error(`a ${scalar.kind} is used before the pass that computes it`);
    value = scalar.compute(...scalar.args.map((arg) => evaluate(arg, known)));
    known.set(scalar, value);
  }
  return value;
}

/** Finds out in which pass each value is known. */
class Schedule {
  /** What each pass reduces. */
  readonly resultsByPass: PassNode[][] = [];
  private readonly passes = new Map<Node | ScalarNode, number>();

  /** The first pass in which a value is known; files every reduction met on the way under the pass that makes it. */
  passOf(node: Node | ScalarNode): number {
    const seen = this.passes.get(node);
    if (seen !== undefined) return seen;
    const latest = Math.max(0, ...dependenciesOf(node).map((on) => this.passOf(on)));
    const reduces = node.kind === "tally" || (node.kind === "reduction" && node.scope === "tensor");
    if (reduces) (this.resultsByPass[latest] ??= []).push(node);
    const pass = reduces ? latest + 1 : latest;
    this.passes.set(node, pass);
    return pass;
  }
}

/** The reductions that a scalar is made of, not those that these depend on. */
function passNodesIn(scalar: ScalarNode): readonly PassNode[] {
  if (scalar.kind === "reduction" || scalar.kind === "tally") return [scalar];
  return scalar.kind === "host" ? scalar.args.flatMap(passNodesIn) : [];
}
