/**
 * Bytes that a merge may hold beside its budget: they are for Node, Tensorweld and one worker, which take 85 to 105 MB without
 * buffers; measured on Node 20 to 24, Linux x64.
 */
export const ALLOWANCE_BYTES = 100_000_000;

/** Bytes of each further worker without buffers; measured in the same way. */
const WORKER_BYTES = 22_000_000;

/** Bytes that planning and reporting take for each tensor of each file, read or written; measured in the same way. */
const TENSOR_BYTES = 1100;

/** What a merge holds, counted against its budget, beside the buffers of its workers. */
export interface Holding {
  readonly workers: number;
  /** Tensors of all inputs and of the output. */
  readonly tensors: number;
  /** Bytes of trees and counts that the main thread holds. */
  readonly mainBytes: number;
}

/** Bytes of it. */
export function heldBytes({ workers, tensors, mainBytes }: Holding): number {
  return (workers - 1) * WORKER_BYTES + tensors * TENSOR_BYTES + mainBytes;
}

/** Bytes of buffers that are left for each worker of a merge that may hold `budgetBytes`; negative where none are. */
export function workerShare(budgetBytes: number, holding: Holding): number {
  return Math.floor((budgetBytes - heldBytes(holding)) / holding.workers);
}
