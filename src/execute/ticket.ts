import { bytesOf } from "../dtype.ts";
import type { Combination } from "../methods/formula.ts";
import type { Operand, Span, TensorTask } from "../plan/plan.ts";
import type { StageArguments } from "./evaluation.ts";

/** A run of neighbouring elements of one tensor, and what to do with it. */
export interface Piece {
  readonly tensor: string;
  /** Position of the first element in the tensor. */
  readonly firstElement: number;
  readonly elements: number;
  /** What is computed; absent when the first operand's bytes are copied. */
  readonly combination?: Combination;
  /** The only pass to run, of a tensor that is shared by several workers; absent: all passes. */
  readonly pass?: Pass;
  /** What is read, each from the piece's first element on. */
  readonly operands: readonly Operand[];
  readonly hasBase: boolean;
  /** Elements of the whole tensor. */
  readonly tensorElements: number;
  readonly target: Span;
}

/** One pass of a formula, and what it takes from those before. */
export interface Pass {
  readonly stage: number;
  /** Whether it is the last, which writes the output. */
  readonly emits: boolean;
  readonly arguments: StageArguments;
}

/** The unit of work that is handed to a worker: a chunk of a large tensor, or several small tensors. */
export interface Ticket {
  readonly pieces: readonly Piece[];
}

/** Tickets a thread has at hand: while it works on one, the next is already there. */
export const TICKETS_AT_HAND = 2;

/** A task cut into its chunks, in order, each to be put through all passes or through one. */
export function* piecesOf(task: TensorTask, pass?: Pass): Generator<Piece> {
  const { name: tensor, elements, combination, operands, hasBase, target, chunkElements } = task;
  for (let firstElement = 0; firstElement < elements; firstElement += chunkElements) {
    const advance = <T extends Span>(span: T): T => ({
      ...span,
      offset: span.offset + bytesOf(span.dtype, firstElement),
    });
    yield {
      tensor,
      firstElement,
      elements: Math.min(chunkElements, elements - firstElement),
      ...(combination && { combination }),
      ...(pass && { pass }),
      operands: operands.map(advance),
      hasBase,
      tensorElements: elements,
      target: advance(target),
    };
  }
}

/** Bytes that are read and written for a piece. */
export function bytesMoved(piece: Piece): number {
  return bytesRead(piece) + (piece.pass?.emits === false ? 0 : bytesWritten(piece));
}

/** Bytes that are read for a piece in one pass. */
export function bytesRead({ operands, elements }: Piece | TensorTask): number {
  return operands.reduce((sum, { dtype }) => sum + bytesOf(dtype, elements), 0);
}

export function bytesWritten({ target, elements }: Piece | TensorTask): number {
  return bytesOf(target.dtype, elements);
}
