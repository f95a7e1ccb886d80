import { TensorweldError } from "../errors.ts";
import type { ByteSource } from "../io/source.ts";
import type { TextRun } from "./checkpoint.ts";
import { textDecoders } from "./text-decoders.ts";

/** The bytes that a text in a file stands for. */
export interface DecodedText {
  /**
   * Fills all of `into` with decoded bytes from offset `at`, counted after decoding. Reading forward is fast; a jump
   * decodes what it jumps over. Calls at the same time are answered one after the other.
   * @throws TensorweldError `pickle/text` when the text is not what it must be, and what the source throws.
   */
  readInto(into: Uint8Array, at: number): Promise<void>;
}

/** Bytes of text decoded at once. */
const blockBytes = 131_072;

/** Decoded bytes between places that are remembered, to go back to: decoding so many takes some 50 ms. */
const markBytes = 16 * 2 ** 20;

/** A place between two characters. */
interface Mark {
  /** Offset in the file. */
  readonly offset: number;
  /** Bytes that the text before it stands for. */
  readonly decoded: number;
}

/**
 * The bytes that `run`, a text in `source`, stands for: every character is one byte, and all of the text is
 * `decodedBytes` of them. Holds two blocks of memory, however long the text is.
 */
export function decodedText(source: ByteSource, run: TextRun, decodedBytes: number): DecodedText {
  const reader = new TextBlocks(source, run, decodedBytes);
  let last: Promise<void> = Promise.resolve();
  return {
    readInto(into, at) {
      const result = last.then(() => reader.readInto(into, at));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

class TextBlocks {
  private readonly source: ByteSource;
  private readonly run: TextRun;
  private readonly decodedBytes: number;
  private readonly text: Uint8Array;
  private readonly block: Uint8Array;
  /** Where the block begins, after decoding, and how many bytes it has. */
  private blockAt = 0;
  private blockLength = 0;
  /** What comes after the block. */
  private next: Mark;
  /** Places passed so far, in order. */
  private readonly marks: Mark[];

  constructor(source: ByteSource, run: TextRun, decodedBytes: number) {
    this.source = source;
    this.run = run;
    this.decodedBytes = decodedBytes;
    const bytes = Math.min(run.bytes, blockBytes);
    this.text = new Uint8Array(bytes);
    this.block = new Uint8Array(bytes);
    this.next = { offset: run.offset, decoded: 0 };
    this.marks = [this.next];
  }

  async readInto(into: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < into.length;) {
      await this.moveTo(at + done);
      const from = at + done - this.blockAt;
      const bytes = this.block.subarray(from, Math.min(this.blockLength, from + into.length - done));
      into.set(bytes, done);
      done += bytes.length;
    }
  }

  /** Decodes the block that holds the byte at `at`. */
  private async moveTo(at: number): Promise<void> {
    const nearest = this.marks.findLast(({ decoded }) => decoded <= at)!;
    if (at < this.blockAt || nearest.decoded > this.next.decoded) {
      this.next = nearest;
      this.blockAt = nearest.decoded;
      this.blockLength = 0;
    }
    while (at >= this.blockAt + this.blockLength) await this.decodeBlock();
  }

  private async decodeBlock(): Promise<void> {
    const { offset, decoded } = this.next;
    const left = this.run.offset + this.run.bytes - offset;
    if (left === 0) throw this.fault(`ends after ${decoded} bytes, where ${this.decodedBytes} are needed`);
    const text = this.text.subarray(0, Math.min(left, blockBytes));
    await this.source.readInto(text, offset);
    const { read, written, fault } = textDecoders[this.run.escape](text, this.block, text.length === left);
    if (fault !== undefined) throw this.fault(`${fault} at byte ${offset + read} of the file`);
    this.blockAt = decoded;
    this.blockLength = written;
    this.next = { offset: offset + read, decoded: decoded + written };
    this.checkEnd(left - read);
    if (this.next.decoded >= this.marks.at(-1)!.decoded + markBytes) this.marks.push(this.next);
  }

  /** Whether the text, of which `left` bytes are left, can still stand for as many bytes as are needed. */
  private checkEnd(left: number): void {
    const { decoded } = this.next;
    if (decoded > this.decodedBytes || (decoded === this.decodedBytes && left > 0))
      throw this.fault(`goes on after the ${this.decodedBytes} bytes that are needed`);
    if (left === 0 && decoded < this.decodedBytes)
      throw this.fault(`ends after ${decoded} bytes, where ${this.decodedBytes} are needed`);
  }

  private fault(predicate: string): TensorweldError {
    const message = `the text at byte ${this.run.offset}, which holds a tensor's data, ${predicate}`;
    return new TensorweldError("failed", [{ code: "pickle/text", file: this.source.path, message }]);
  }
}
