import type { ByteSink } from "../io/sink.ts";
import type { Storage } from "../io/storage.ts";
import { entryText, type JournalEntry } from "./journal-entry.ts";

/**
 * What of a merge is done, line by line in a file beside the staged output, for a later merge to go on from. Lines are
 * not flushed to the device, nor need they be: whoever goes on compares what they say with the shards.
 */
export class Journal {
  private readonly sink: ByteSink;
  private end: number;
  private writing: Promise<void> = Promise.resolve();
  private failure: unknown;
  private isClosed = false;

  private constructor(sink: ByteSink, end: number) {
    this.sink = sink;
    this.end = end;
  }

  /** The journal at `path`, to be written on; made when there is none. */
  static async open(storage: Storage, path: string): Promise<Journal> {
    const found = await storage.look(path);
    if (found === undefined) await storage.createFile(path, 0);
    const journal = new Journal(await storage.openSink(path), found?.size ?? 0);
    // The last line may have been cut short when the program was killed: what follows begins another.
    if (journal.end > 0) journal.write("\n");
    return journal;
  }

  /**
   * Writes lines behind those there are.
   * @throws what went wrong with earlier lines: a merge that can't be resumed should not go on for hours.
   */
  add(entries: readonly JournalEntry[]): void {
    if (this.failure !== undefined) throw this.failure;
    if (entries.length > 0) this.write(entries.map((entry) => `${entryText(entry)}\n`).join(""));
  }

  /** Resolves when all lines are written. @throws TensorweldError `io/write`; not when closed before. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.writing;
    await this.sink.close();
    if (this.failure !== undefined) throw this.failure;
  }

  private write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const at = this.end;
    this.end += bytes.length;
    this.writing = this.writing.then(async () => {
      // Nothing follows what is not written whole.
      if (this.failure === undefined) await this.sink.write(bytes, at);
    });
    this.writing = this.writing.catch((error: unknown) => {
      this.failure = error;
    });
  }
}
