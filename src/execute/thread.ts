import type { Storage } from "../io/storage.ts";
import type { GpuSetup } from "./gpu-jobs.ts";
import { Job, type JobSetup } from "./job.ts";
import type { TicketResult } from "./piece-result.ts";
import type { Ticket } from "./ticket.ts";

/** Somewhere tickets are worked on, one after the other. */
export interface Thread {
  /**
   * Resolves to what became of the ticket; counts in it are good while no more than `TICKETS_AT_HAND` later tickets are
   * given. Rejects with a TensorweldError when the ticket or the whole thread failed.
   */
  run(ticket: Ticket): Promise<TicketResult>;
  /** Stops at once; tickets not done yet are dropped. */
  close(): Promise<void>;
}

export type StartThread = (setup: JobSetup) => Thread;

/** Threads that share a GPU. */
export interface GpuThreads {
  /** The GPU's name. */
  readonly gpu: string;
  readonly threads: readonly Thread[];
}

/**
 * Starts threads that share a GPU, as many as its jobs; `tell` is given what users should hear. Rejects with a
 * TensorweldError, whose codes begin with `gpu/`, when there is no GPU.
 */
export type StartGpuThreads = (setup: GpuSetup, tell: (notice: string) => void) => Promise<GpuThreads>;

/** Starts "threads" that work where they are called: the same job, for tests and for places without workers. */
export function startInline(storage: Storage): StartThread {
  return (setup) => new Job(storage, setup);
}
