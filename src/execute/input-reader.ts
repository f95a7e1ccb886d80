import { isTensorweldError, TensorweldError } from "../errors.ts";
import type { ByteSource } from "../io/source.ts";
import type { Storage } from "../io/storage.ts";
import { decodedText, type DecodedText } from "../formats/text-source.ts";
import type { Span } from "../plan/plan.ts";

/** Reads the spans of a plan; each file is opened once, each text decoded by one stream. */
export class InputReader {
  private readonly storage: Storage;
  /** Paths that spans refer to by number. */
  private readonly paths: readonly string[];
  private readonly sources: Promise<ByteSource>[] = [];
  private readonly texts = new Map<string, DecodedText>();

  constructor(storage: Storage, paths: readonly string[]) {
    this.storage = storage;
    this.paths = paths;
  }

  /** Fills all of `into` with the bytes from the start of the span. */
  async read({ file, offset, text }: Span, into: Uint8Array): Promise<void> {
    this.sources[file] ??= this.open(file);
    const source = await this.sources[file];
    if (text === undefined) return source.readInto(into, offset);
    const key = `${file}:${text.offset}`;
    let decoded = this.texts.get(key);
    if (decoded === undefined) {
      decoded = decodedText(source, text, text.decodedBytes);
      this.texts.set(key, decoded);
    }
    return decoded.readInto(into, offset);
  }

  async close(): Promise<void> {
    for (const source of await Promise.all(this.sources.filter(Boolean))) await source.close();
  }

  /** What can't be opened could be when the merge was planned: it fails, where a request would be refused. */
  private async open(file: number): Promise<ByteSource> {
    try {
      return await this.storage.open(this.paths[file]!);
    } catch (error) {
      if (!isTensorweldError(error)) throw error;
      const { problems, retryable } = error;
      throw new TensorweldError("failed", problems, { cause: error.cause, retryable });
    }
  }
}
