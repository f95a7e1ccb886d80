import { TensorweldError } from "../errors.ts";

/** How far a verification has come. */
export interface VerifyProgress {
  /** Bytes read so far, and in all. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly tensorsDone: number;
  readonly tensorsTotal: number;
}

export interface WatchOptions {
  /** Stops the verification when aborted. */
  readonly signal?: AbortSignal;
  /** Called after every run of bytes. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** Milliseconds of work after which all else that waits for the thread gets its turn: Ctrl-C is answered at once. */
const SPELL_MILLISECONDS = 50;

/** Counts what is verified, tells of it, and stops when it is asked to. */
export class VerifyCount {
  bytesDone = 0;
  tensorsDone = 0;
  private readonly total: Pick<VerifyProgress, "bytesTotal" | "tensorsTotal">;
  private readonly options: WatchOptions;
  private spellStart = performance.now();

  constructor(total: Pick<VerifyProgress, "bytesTotal" | "tensorsTotal">, options: WatchOptions) {
    this.total = total;
    this.options = options;
  }

  /** Counts bytes that were read. @throws TensorweldError `interrupted`. */
  async moved(bytes: number): Promise<void> {
    this.bytesDone += bytes;
    this.tell();
    if (performance.now() - this.spellStart > SPELL_MILLISECONDS) {
      await new Promise((resolve) => setTimeout(resolve));
      this.spellStart = performance.now();
    }
    if (this.options.signal?.aborted === true) throw interrupted(this.options.signal);
  }

  tensorDone(): void {
    this.tensorsDone++;
    this.tell();
  }

  private tell(): void {
    const { bytesDone, tensorsDone } = this;
    this.options.onProgress?.({ bytesDone, tensorsDone, ...this.total });
  }
}

function interrupted(signal: AbortSignal): TensorweldError {
  const message = "the verification was interrupted; what it had found until then is not told";
  return new TensorweldError("interrupted", [{ code: "verify/interrupted", message }], {
    cause: signal.reason,
  });
}
