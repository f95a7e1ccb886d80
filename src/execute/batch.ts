import type { Piece, Ticket } from "./ticket.ts";
import { bytesRead } from "./ticket.ts";

/**
 * Pieces that go into one ticket. A trip between threads takes about 25 µs, as long as reading and writing a few
 * small tensors, so a handful hides it; many more would leave workers idle at the end.
 */
const MAX_PIECES = 32;

/** Bytes read for a ticket from which on no further piece is added to it. */
const FULL_BYTES = 1_000_000;

/** Pieces in order, small neighbours put together. One that is counted in goes alone, since its counts are megabytes. */
export function* batched(pieces: Iterable<Piece>): Generator<Ticket, void> {
  let batch: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    batch.push(piece);
    bytes += bytesRead(piece);
    if (batch.length < MAX_PIECES && bytes < FULL_BYTES && piece.pass === undefined) continue;
    yield { pieces: batch };
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield { pieces: batch };
}
