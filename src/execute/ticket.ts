import { bytesOf } from "../dtype.ts";
import type { AppliedMethod } from "../methods/formula.ts";
import type { Plan, Span, TensorTask } from "../plan/plan.ts";

/** A run of neighbouring elements of one tensor. */
export interface Piece {
  readonly tensor: string;
  readonly elements: number;
  /** What is computed; absent when the first model's bytes are copied. */
  readonly merge?: AppliedMethod;
  readonly base?: Span;
  readonly models: readonly Span[];
  readonly target: Span;
  /** Whether the tensor ends with this piece. */
  readonly last: boolean;
}

/** The unit of work that is handed to a worker: one chunk of a large tensor, or several small tensors. */
export interface Ticket {
  readonly pieces: readonly Piece[];
}

/**
 * Small tensors that go into one ticket. A trip between threads takes about 25 µs, as long as reading and writing a
 * few of them, so a handful hides it; many more would leave workers idle at the end.
 */
const MAX_PIECES = 32;

/** The whole work of a plan in the order of the output's bytes, cut into tickets. */
export function* ticketsOf(plan: Plan): Generator<Ticket> {
  const { chunkElements } = plan.schedule;
  let pieces: Piece[] = [];
  let elements = 0;
  for (const task of plan.tasks) {
    for (const piece of piecesOf(task, chunkElements)) {
      if (pieces.length === MAX_PIECES || elements + piece.elements > chunkElements) {
        if (pieces.length > 0) yield { pieces };
        pieces = [];
        elements = 0;
      }
      pieces.push(piece);
      elements += piece.elements;
    }
  }
  if (pieces.length > 0) yield { pieces };
}

/** Bytes that a piece reads and writes. */
export function bytesMoved(piece: Piece): number {
  return bytesRead(piece) + bytesWritten(piece);
}

export function bytesRead({ base, models, elements }: Piece): number {
  const operands = base === undefined ? models : [base, ...models];
  return operands.reduce((sum, { dtype }) => sum + bytesOf(dtype, elements), 0);
}

export function bytesWritten({ target, elements }: Piece): number {
  return bytesOf(target.dtype, elements);
}

function* piecesOf(task: TensorTask, chunkElements: number): Generator<Piece> {
  const { name, merge, base, models, target } = task;
  for (let first = 0; first < task.elements; first += chunkElements) {
    const elements = Math.min(chunkElements, task.elements - first);
    const advance = (span: Span): Span => ({ ...span, offset: span.offset + bytesOf(span.dtype, first) });
    yield {
      tensor: name,
      elements,
      ...(merge && { merge }),
      ...(base && { base: advance(base) }),
      models: models.map(advance),
      target: advance(target),
      last: first + elements === task.elements,
    };
  }
}
