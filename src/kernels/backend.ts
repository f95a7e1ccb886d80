import type { Awaitable } from "../awaitable.ts";
import { type DType, type Precision, precisionFor } from "../dtype.ts";
import { type MagnitudeTree, nodeCells } from "../formula/magnitude-tree.ts";
import type { RandomKey } from "../formula/random.ts";
import type { Prelude, StageTally, Structure } from "../formula/stage.ts";

/** Element types of a pass: of each operand, and of the output. */
export interface Layout {
  readonly inputs: readonly DType[];
  readonly output: DType;
}

/**
 * Room for one run of elements: file bytes are read straight into `inputs` and written straight from `output`. Ask
 * for them anew after running a kernel, which may move them; what they hold stays.
 */
export interface Buffers {
  readonly inputs: readonly Uint8Array[];
  readonly output: Uint8Array;
}

/** A run of elements as rows. */
export interface RowRun {
  readonly rowElements: number;
  /**
   * Elements before the first that is a multiple of `BLOCK_ELEMENTS` in the tensor. The row that begins among them, one
   * at most, is emitted only: it is reduced with the rows of the run before.
   */
  readonly leadElements: number;
}

/** What a kernel computes with besides its buffers. */
export interface KernelArguments {
  readonly elements: number;
  /** Position in the tensor of the first element: a multiple of `BLOCK_ELEMENTS` or, with preludes, of a row. */
  readonly firstElement: number;
  /** How the elements are rows, all of them whole; for a pass with preludes. */
  readonly rows?: RowRun;
  /** Values of the structure's slots. */
  readonly scalars: readonly number[];
  readonly trees: readonly MagnitudeTree[];
  readonly keys: readonly RandomKey[];
  /** Whether the inputs are those of the run before, so that a device need not be given them again. */
  readonly sameInputs?: boolean;
  /** A name to keep the inputs under for later passes, where the backend can: see `recall`. */
  readonly keepAs?: string;
}

/** What a kernel reduced. */
export interface Partials {
  /**
   * For each reduction, one partial per block of `BLOCK_ELEMENTS` elements; with preludes, of the rows that begin in the
   * block, up to the last one in which a row does.
   */
  readonly reductions: readonly Float64Array[];
  /** For each tally, a count for each cell of its level. Good until the next run. */
  readonly tallies: readonly Uint32Array[];
}

/** The cells that a tally counts elements in: a root, or the nodes of its tree's deepest level. */
export function tallyCells(
  { widths, slot }: StageTally,
  trees: readonly MagnitudeTree[],
): { readonly first: number; readonly length: number } {
  if (slot === undefined) return { first: 0, length: nodeCells(widths, 0) };
  const { cells, deepest } = trees[slot]!;
  return { first: deepest, length: cells.length - deepest };
}

/** One compiled pass. */
export interface Kernel {
  /** Computes the first elements of the buffers that the backend last made for the kernel's layout. */
  run(args: KernelArguments): Awaitable<Partials>;
}

/** A way to compute passes; it holds one set of buffers and works on one run of elements at a time. */
export interface Backend {
  /** Buffers for `elements` elements; what the last call returned is no longer valid. */
  buffersFor(layout: Layout, elements: number): Buffers;
  /** @param preludes what is run over each row first; none: rows don't matter. */
  compile(structure: Structure, layout: Layout, preludes?: readonly Prelude[]): Awaitable<Kernel>;
  /**
   * Takes up inputs that a run has kept under this name, as those of the run before; true when they were there, and need
   * not be filled in. Absent where nothing is gained by it.
   */
  recall?(name: string): boolean;
  /** Hashes of bytes as `BlockHasher` makes them; the backend's own buffers are hashed where they are. */
  hash(bytes: Uint8Array, blockBytes: number): Awaitable<BigUint64Array>;
}

/** Makes a backend whose buffers take up `capacityBytes` at most. */
export type BackendFactory = (capacityBytes: number) => Backend;

/** The arithmetic that a pass over a layout runs in. */
export function precisionOf({ inputs, output }: Layout): Precision {
  return precisionFor([...inputs, output]);
}
