import type { Partials } from "../kernels/backend.ts";

/** What became of a piece. */
export type PieceResult = CopiedPiece | PassedPiece | MergedPiece;

/** What is known of any piece that is done. */
interface DonePiece {
  /** Of the blocks that were written: XXH64, in order; none after a pass that only reduces. */
  readonly hashes: BigUint64Array;
  /** Name of the GPU that computed it; absent: the CPU did. */
  readonly gpu?: string;
}

/** The piece's bytes were copied. */
export interface CopiedPiece extends DonePiece {
  readonly kind: "copied";
  /** Whether they are the same in all models. */
  readonly same: boolean;
}

/** The piece was put through one pass. */
export interface PassedPiece extends DonePiece {
  readonly kind: "passed";
  /** What the pass reduced. */
  readonly partials: Partials;
}

/** The piece was put through all passes. */
export interface MergedPiece extends DonePiece {
  readonly kind: "merged";
  /** The values observed on the way. */
  readonly observed: readonly number[];
}

/** What became of a ticket's pieces, in their order. */
export type TicketResult = readonly PieceResult[];
