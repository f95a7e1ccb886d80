import type { Reduced, ScalarNode } from "../formula/nodes.ts";
import { evaluate, type Passes } from "../formula/lower.ts";
import type { MagnitudeTree } from "../formula/magnitude-tree.ts";
import { foldBlocks } from "../formula/reductions.ts";
import { ReusedWords } from "../formula/reused-words.ts";
import { isRowScoped } from "../formula/row.ts";
import type { Stage } from "../formula/stage.ts";
import { type Partials, tallyCells } from "../kernels/backend.ts";

/** What a stage is run with, evaluated from what earlier ones reduced. */
export interface StageArguments {
  /** Those of rows are NaN here. */
  readonly scalars: readonly number[];
  readonly trees: readonly MagnitudeTree[];
}

/** One tensor on its way through the passes of its formula: what is reduced so far. */
export class Evaluation {
  private readonly passes: Passes;
  private readonly known = new Map<ScalarNode, Reduced>();

  constructor(passes: Passes) {
    this.passes = passes;
  }

  argumentsOf({ scalars, trees }: Stage): StageArguments {
    return {
      scalars: scalars.map((scalar) =>
        isRowScoped(scalar) ? NaN : (evaluate(scalar, this.known) as number),
      ),
      trees: trees.map((tree) => evaluate(tree, this.known) as MagnitudeTree),
    };
  }

  /** Takes in what a stage made of the whole tensor. */
  absorb({ results }: Stage, { reduced, tallies }: StageResults): void {
    [...reduced, ...tallies].forEach((value, index) => this.known.set(results[index]!, value));
  }

  /** The observed values, once all stages are done. */
  observed(): readonly number[] {
    return this.passes.observed.map((scalar) => evaluate(scalar, this.known) as number);
  }
}

/** What a stage made of a whole tensor: one value for each of its reductions, and for each of its tallies. */
export interface StageResults {
  readonly reduced: readonly number[];
  readonly tallies: readonly Uint32Array[];
}

/** The results of a stage that made `partials` of a whole tensor at once; they are good as long as those. */
export function resultsOf({ structure }: Stage, { reductions, tallies }: Partials): StageResults {
  const reduced = structure.reductions.map(({ by }, index) => foldBlocks(by, reductions[index]!));
  return { reduced, tallies };
}

/** Where counts of tensors that are shared are added up: of each tally in the same words, tensor after tensor. */
export class CountSums {
  private readonly words = new Map<ScalarNode, ReusedWords>();

  /** `length` counts for a tally, all zero; those given out for it before must not be used any more. */
  take(tally: ScalarNode, length: number): Uint32Array {
    const words = this.words.get(tally) ?? new ReusedWords();
    this.words.set(tally, words);
    return words.takeCounts(length);
  }
}

/** Puts together what a stage made of the pieces of a tensor, which come in any order. */
export class StageCollector {
  private readonly stage: Stage;
  private readonly sums: CountSums;
  private readonly reductions: Partials["reductions"][] = [];
  private tallies: readonly Uint32Array[] | undefined;

  constructor(stage: Stage, sums: CountSums) {
    this.stage = stage;
    this.sums = sums;
  }

  /** @param position of the piece among all pieces; partials are folded in this order. */
  add(position: number, { reductions, tallies }: Partials): void {
    this.reductions[position] = reductions;
    // Counts are added up at once, since they are long, and in any order, since they are whole numbers.
    this.tallies ??= this.talliesLike(tallies);
    this.tallies.forEach((counts, index) => addTo(counts, tallies[index]!));
  }

  results(): StageResults {
    const reduced = this.stage.structure.reductions.map(({ by }, index) =>
      foldBlocks(
        by,
        this.reductions.flatMap((run) => [...run[index]!]),
      ),
    );
    return { reduced, tallies: this.tallies ?? [] };
  }

  private talliesLike(tallies: readonly Uint32Array[]): readonly Uint32Array[] {
    const nodes = this.stage.results.slice(this.stage.structure.reductions.length);
    return tallies.map(({ length }, index) => this.sums.take(nodes[index]!, length));
  }
}

/**
 * What a stage makes without a pass, when it would find nothing: all its tallies are below leaves. Undefined when it
 * must be run.
 */
export function idleResults({ structure }: Stage, { trees }: StageArguments): StageResults | undefined {
  if (structure.emit !== undefined || structure.reductions.length > 0) return undefined;
  const isIdle = structure.tallies.every((tally) => tallyCells(tally, trees).length === 0);
  return isIdle ? { reduced: [], tallies: structure.tallies.map(() => new Uint32Array(0)) } : undefined;
}

function addTo(counts: Uint32Array, others: Uint32Array): void {
  for (let cell = 0; cell < counts.length; cell++) counts[cell]! += others[cell]!;
}
