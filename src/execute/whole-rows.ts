import { bytesOf } from "../dtype.ts";
import type { Piece } from "./ticket.ts";

/**
 * The piece with all of the rows that it has a part of. Pieces are cut at blocks, wherever rows begin and end: so a block
 * has the same hash and the same partial results, whatever is computed. A pass by rows computes rows that are cut twice.
 */
export function withWholeRows(piece: Piece): Piece {
  const { firstElement, elements, rowElements, operands } = piece;
  const first = firstElement - (firstElement % rowElements);
  const end = Math.ceil((firstElement + elements) / rowElements) * rowElements;
  return {
    ...piece,
    firstElement: first,
    elements: end - first,
    operands: operands.map((operand) => ({
      ...operand,
      offset: operand.offset - bytesOf(operand.dtype, firstElement - first),
    })),
  };
}
