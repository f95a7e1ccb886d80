import type { Partials } from "../kernels/backend.ts";

/** What became of a piece. */
export type PieceResult = CopiedPiece | PassedPiece | MergedPiece;

/** The piece's bytes were copied. */
export interface CopiedPiece {
  readonly kind: "copied";
  /** Whether they are the same in all models. */
  readonly same: boolean;
  /** Of the blocks that were written: XXH64, in order. */
  readonly hashes: BigUint64Array;
}

/** The piece was put through one pass. */
export interface PassedPiece {
  readonly kind: "passed";
  /** What the pass reduced. */
  readonly partials: Partials;
  /** None after a pass that only reduces. */
  readonly hashes: BigUint64Array;
}

/** The piece was put through all passes. */
export interface MergedPiece {
  readonly kind: "merged";
  /** The values observed on the way. */
  readonly observed: readonly number[];
  readonly hashes: BigUint64Array;
}

/** What became of a ticket's pieces, in their order. */
export type TicketResult = readonly PieceResult[];
