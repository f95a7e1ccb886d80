import type { Reduced, ScalarNode } from "../formula/builder.ts";
import { evaluate, type Passes } from "../formula/lower.ts";
import type { MagnitudeTree } from "../formula/magnitude-tree.ts";
import { foldBlocks } from "../formula/reductions.ts";
import { ReusedWords } from "../formula/reused-words.ts";
import type { Stage } from "../formula/stage.ts";
import { type Partials, tallyCells } from "../kernels/backend.ts";

/** What a stage is run with, evaluated from what earlier ones reduced. */
export interface StageArguments {
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
      scalars: scalars.map((scalar) => evaluate(scalar, this.known) as number),
      trees: trees.map((tree) => evaluate(tree, this.known) as MagnitudeTree),
    };
  }

  /** Takes in what a stage made of the whole tensor. */
  absorb({ results }: Stage, { sums, tallies }: StageResults): void {
    [...sums, ...tallies].forEach((value, index) => this.known.set(results[index]!, value));
  }

  /** The observed values, once all stages are done. */
  observed(): readonly number[] {
    return this.passes.observed.map((scalar) => evaluate(scalar, this.known) as number);
  }
}

/** What a stage made of a whole tensor: one value for each of its reductions, and for each of its tallies. */
export interface StageResults {
  readonly sums: readonly number[];
  readonly tallies: readonly Uint32Array[];
}

/** The results of a stage that made `partials` of a whole tensor at once; they are good as long as those. */
export function resultsOf({ reductions, tallies }: Partials): StageResults {
  return { sums: reductions.map((blocks) => foldBlocks([...blocks])), tallies };
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

  /** @param position of the piece among all pieces; sums are folded in this order. */
  add(position: number, { reductions, tallies }: Partials): void {
    this.reductions[position] = reductions;
    // Counts are added up at once, since they are long, and in any order, since they are whole numbers.
    this.tallies ??= this.talliesLike(tallies);
    this.tallies.forEach((counts, index) => addTo(counts, tallies[index]!));
  }

  results(): StageResults {
    const kinds = this.reductions[0]?.length ?? 0;
    const sums = Array.from({ length: kinds }, (_, index) =>
      foldBlocks(this.reductions.flatMap((run) => [...run[index]!])),
    );
    return { sums, tallies: this.tallies ?? [] };
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
  return isIdle ? { sums: [], tallies: structure.tallies.map(() => new Uint32Array(0)) } : undefined;
}

function addTo(counts: Uint32Array, others: Uint32Array): void {
  for (let cell = 0; cell < counts.length; cell++) counts[cell]! += others[cell]!;
}
