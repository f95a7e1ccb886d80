import { tensorHash } from "../kernels/hashes/tensor-hash.ts";
import type { TensorTask } from "../plan/plan.ts";
import type { PieceResult } from "./piece-result.ts";
import type { Piece } from "./ticket.ts";

/** The hashes of all that was written, by tensor. */
export class WrittenHashes {
  /** Of each tensor, hashes of its pieces by their first elements. */
  private readonly pieces = new Map<string, Map<number, BigUint64Array>>();

  add({ tensor, firstElement }: Piece, { hashes }: PieceResult): void {
    if (hashes.length === 0) return;
    const known = this.pieces.get(tensor);
    if (known === undefined) this.pieces.set(tensor, new Map([[firstElement, hashes]]));
    else known.set(firstElement, hashes);
  }

  /** The hash of a tensor all of whose pieces are written. */
  async hashOf({ name }: TensorTask): Promise<string> {
    const pieces = [...(this.pieces.get(name) ?? [])].toSorted(([a], [b]) => a - b);
    return tensorHash(pieces.map(([, hashes]) => hashes));
  }
}
