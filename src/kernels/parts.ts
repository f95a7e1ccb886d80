import { BLOCK_ELEMENTS, reductions } from "../formula/reductions.ts";
import type { Prelude, Structure } from "../formula/stage.ts";
import type { KernelArguments, Partials } from "./backend.ts";

/**
 * A structure ready to be run: computes `elements` elements of the buffers from number `first` on, a block at most, and
 * returns what they are reduced to, until it is called again.
 */
export type Part = (first: number, elements: number, scalars: readonly number[]) => readonly number[];

/** A structure and its preludes, ready to be run over rows. */
export interface RowParts {
  readonly preludes: readonly Part[];
  readonly main: Part;
  /** Turns to the row whose first element has the number `first`. */
  begin(first: number): void;
  /** Makes ranks of what the prelude of that number emitted. */
  rank(prelude: number): void;
  /** Forgets what was tallied so far. */
  clearTallies(): void;
}

/** Runs a structure block by block. */
export function runBlocks(
  structure: Structure,
  part: Part,
  { elements, scalars }: KernelArguments,
): Partials["reductions"] {
  const partials = partialsFor(structure, Math.ceil(elements / BLOCK_ELEMENTS));
  for (let block = 0; block * BLOCK_ELEMENTS < elements; block++) {
    const first = block * BLOCK_ELEMENTS;
    const reduced = part(first, Math.min(BLOCK_ELEMENTS, elements - first), scalars);
    partials.forEach((of, index) => (of[block] = reduced[index]!));
  }
  return partials;
}

/** Runs preludes and a structure row by row, each row in blocks counted from its start. */
export function runRows(
  structure: Structure,
  preludes: readonly Prelude[],
  parts: RowParts,
  { elements, rows, scalars }: KernelArguments,
): Partials["reductions"] {
  const { rowElements, leadElements } = rows!;
  const lastRow = elements - rowElements - leadElements;
  const partials = partialsFor(structure, Math.max(0, Math.floor(lastRow / BLOCK_ELEMENTS) + 1));
  const values = [...scalars];
  const runPreludes = preludes.map((prelude, number) =>
    rowReducer(prelude.structure, parts.preludes[number]!, rowElements, values),
  );
  const runMain = rowReducer(structure, parts.main, rowElements, values);

  for (let first = 0; first < elements; first += rowElements) {
    parts.begin(first);
    preludes.forEach(({ structure: { emit }, results, hosts }, number) => {
      const reduced = runPreludes[number]!(first);
      if (emit !== undefined) parts.rank(number);
      results.forEach((slot, index) => (values[slot] = reduced[index]!));
      for (const { compute, args, slot } of hosts) {
        values[slot] = compute(...args.map((arg) => values[arg]!)) as number;
      }
    });
    const reduced = runMain(first);
    if (first < leadElements) {
      parts.clearTallies();
      continue;
    }
    const block = Math.floor((first - leadElements) / BLOCK_ELEMENTS);
    structure.reductions.forEach(({ by }, index) => {
      const partial = partials[index]!;
      partial[block] = reductions[by].fold(partial[block]!, reduced[index]!);
    });
  }
  return partials;
}

/** A function that reduces the row from a first element on, to the same numbers as a tensor that has its elements. */
function rowReducer(
  structure: Structure,
  part: Part,
  rowElements: number,
  scalars: readonly number[],
): (first: number) => readonly number[] {
  // Found out and made once: there are half a million rows in a small model.
  const rules = structure.reductions.map(({ by }) => reductions[by]);
  const folded = rules.map(() => 0);
  return (first) => {
    for (let index = 0; index < rules.length; index++) folded[index] = rules[index]!.identity;
    for (let done = 0; done < rowElements; done += BLOCK_ELEMENTS) {
      const reduced = part(first + done, Math.min(BLOCK_ELEMENTS, rowElements - done), scalars);
      for (let index = 0; index < rules.length; index++) {
        folded[index] = rules[index]!.fold(folded[index]!, reduced[index]!);
      }
    }
    return folded;
  };
}

function partialsFor(structure: Structure, blocks: number): readonly Float64Array[] {
  return structure.reductions.map(({ by }) => new Float64Array(blocks).fill(reductions[by].identity));
}
