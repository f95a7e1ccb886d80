import { type Outcome, type Problem, TensorweldError } from "../errors.ts";
import type { TicketResult } from "./piece-result.ts";
import type { Ticket } from "./ticket.ts";

/** What the main thread sends to a worker. */
export interface Order {
  readonly id: number;
  /** Number of the job that is to do it, where a worker has several. */
  readonly job: number;
  readonly ticket: Ticket;
}

/** What the main thread sends to a worker that is to end by itself. */
export const CLOSE = "close";

/** What a worker sends back for each order. */
export type Answer =
  | { readonly id: number; readonly result: TicketResult }
  | { readonly id: number; readonly failure: Failure };

/** What a worker sends besides, for the user to hear. */
export interface Told {
  readonly notice: string;
}

/** An error as it crosses between threads, where classes are lost. */
export interface Failure {
  readonly outcome: Outcome;
  readonly problems: readonly Problem[];
  readonly retryable: boolean;
  readonly stack: string | undefined;
}

/** An error made ready to be sent; one that nobody foresaw names the tensors it was met at. */
export function packFailure(error: unknown, ticket?: Ticket): Failure {
  const known = error instanceof TensorweldError ? error : unforeseen(error, ticket);
  const stack = error instanceof Error ? error.stack : undefined;
  return { outcome: known.outcome, problems: known.problems, retryable: known.retryable, stack };
}

/** The error that was sent, with the worker's stack as its cause. */
export function unpackFailure({ outcome, problems, retryable, stack }: Failure): TensorweldError {
  return new TensorweldError(outcome, problems, { cause: stack, retryable });
}

function unforeseen(error: unknown, ticket: Ticket | undefined): TensorweldError {
  const reason = error instanceof Error ? error.message : String(error);
  const tensor = ticket?.pieces[0]?.tensor;
  const problem = { code: "execute/worker" as const, message: `a worker failed: ${reason}` };
  return new TensorweldError("failed", [tensor === undefined ? problem : { ...problem, tensor }], {
    cause: error,
  });
}
