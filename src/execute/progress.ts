import type { Plan } from "../plan/plan.ts";

/** How far a merge has come. */
export interface Progress {
  /** Bytes read and written so far, and in all. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly tensorsDone: number;
  readonly tensorsTotal: number;
}

/** Counts what is done, and tells of it. */
export interface ProgressCount {
  moved(bytes: number): void;
  tensorDone(): void;
}

/** A count from nothing; `onProgress` is called with every step. */
export function progressOf(
  plan: Plan,
  bytesTotal: number,
  onProgress: ((progress: Progress) => void) | undefined,
): ProgressCount {
  const tensorsTotal = plan.tasks.length;
  let bytesDone = 0;
  // Tensors without elements need no work and are done from the start.
  let tensorsDone = plan.tasks.filter(({ elements }) => elements === 0).length;
  const tell = (): void => onProgress?.({ bytesDone, bytesTotal, tensorsDone, tensorsTotal });
  return {
    moved(bytes) {
      bytesDone += bytes;
      tell();
    },
    tensorDone() {
      tensorsDone++;
      tell();
    },
  };
}
