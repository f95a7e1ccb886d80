import type { Storage } from "../io/storage.ts";

/**
 * Bytes written to a file after which they are sent to the device. Large enough that the device works in long
 * stretches, small enough that little is left to wait for when the last byte is written.
 */
const FLUSH_BYTES = 64 * 1024 * 1024;

/** Sends finished parts of the output to the device while later parts are still being computed. */
export class Flusher {
  private readonly storage: Storage;
  private readonly unflushed = new Map<string, number>();
  private running: Promise<void> | undefined;
  private failure: unknown;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /**
   * Notes bytes written to `file`; starts a flush when they are many and none is under way.
   * @throws what went wrong in an earlier flush: the output can't become whole any more.
   */
  wrote(file: string, bytes: number): void {
    if (this.failure !== undefined) throw this.failure;
    const total = (this.unflushed.get(file) ?? 0) + bytes;
    this.unflushed.set(file, total);
    if (total >= FLUSH_BYTES && this.running === undefined) this.start(file);
  }

  /**
   * Resolves when everything written to `files` is on the device.
   * @throws TensorweldError `io/write` when that failed, now or in an earlier flush.
   */
  async finish(files: readonly string[]): Promise<void> {
    await this.running;
    if (this.failure !== undefined) throw this.failure;
    for (const file of files) await this.storage.flush(file);
  }

  private start(file: string): void {
    this.unflushed.set(file, 0);
    this.running = this.storage
      .flush(file)
      .catch((error: unknown) => {
        this.failure = error;
      })
      .finally(() => {
        this.running = undefined;
      });
  }
}
