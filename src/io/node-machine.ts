import { availableParallelism } from "node:os";

/** Processor cores this process may use. */
export function availableCores(): number {
  return availableParallelism();
}
