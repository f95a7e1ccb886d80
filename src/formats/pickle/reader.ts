import type { ByteSource } from "../../io/source.ts";
import { PickleFault } from "./fault.ts";

/** A part of a file, in bytes. */
export interface FileRange {
  readonly offset: number;
  readonly bytes: number;
}

/** Bytes of a text or a line that are read; longer ones stay in the file. Names of tensors take some hundred. */
export const maxTextBytes = 4096;

/** Bytes in memory at once. More would be read for nothing between two arrays, less would be read in more calls. */
const windowBytes = 65_536;

/** Bytes read after a jump over an array: what describes the next one takes some three hundred. */
const firstReadBytes = 16_384;

/** Bytes that one opcode reads at most: its own code and the two lines of GLOBAL. */
const aheadBytes = 1 + 2 * (maxTextBytes + 1);

const lineFeed = 0x0a;

/**
 * The bytes of a pickle one after the other, through a small window. All but `refill` and `skipLine` find what they
 * need in the window, once it is `ready` for an opcode. @throws PickleFault when the pickle ends too early.
 */
export class PickleReader {
  private readonly source: ByteSource;
  /** One past the last byte of the pickle, in the file. */
  private readonly end: number;
  private readonly window = new Uint8Array(windowBytes);
  private readonly view = new DataView(this.window.buffer);
  /** Offset in the file of the window's first byte. */
  private start: number;
  /** Bytes of the window that are read from the file. */
  private filled = 0;
  /** The next byte's place in the window; after a jump, beyond what is filled. */
  private at = 0;
  private readBytes = firstReadBytes;

  constructor(source: ByteSource, { offset, bytes }: FileRange) {
    this.source = source;
    this.start = offset;
    this.end = offset + bytes;
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.start + this.at;
  }

  /** Bytes from here to the end of the pickle. */
  get left(): number {
    return this.end - this.offset;
  }

  /** Whether the window holds all that the next opcode can want of it. */
  get ready(): boolean {
    return this.filled - this.at >= aheadBytes || this.start + this.filled === this.end;
  }

  /** Reads on, so that the window is ready. @throws TensorweldError `io/read` or `io/short-read`. */
  async refill(): Promise<void> {
    const kept = Math.max(0, this.filled - this.at);
    // Twice as much each time there was no jump: reading straight on, few calls are best.
    this.readBytes = this.at > this.filled ? firstReadBytes : Math.min(2 * this.readBytes, windowBytes);
    this.window.copyWithin(0, this.filled - kept, this.filled);
    this.start += this.at;
    this.at = 0;
    const bytes = Math.min(this.readBytes, windowBytes - kept, this.left - kept);
    await this.source.readInto(this.window.subarray(kept, kept + bytes), this.start + kept);
    this.filled = kept + bytes;
  }

  uint8(): number {
    return this.view.getUint8(this.step(1));
  }

  uint16(): number {
    return this.view.getUint16(this.step(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.step(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.step(4), true);
  }

  uint64(): bigint {
    return this.view.getBigUint64(this.step(8), true);
  }

  /** The one number that pickles store with its most significant byte first. */
  float64(): number {
    return this.view.getFloat64(this.step(8), false);
  }

  /** The next `bytes` bytes, at most `maxTextBytes`; they are there until the next refill. */
  take(bytes: number): Uint8Array {
    const at = this.step(bytes);
    return this.window.subarray(at, at + bytes);
  }

  /** Steps over `bytes` bytes, however many; gives where they are. */
  skip(bytes: number | bigint): FileRange {
    const { offset } = this;
    this.step(bytes);
    return { offset, bytes: this.offset - offset };
  }

  /** The bytes up to the next line feed, which is stepped over; undefined when they are more than `maxTextBytes`. */
  line(): Uint8Array | undefined {
    const line = this.window.subarray(this.at, Math.min(this.filled, this.at + maxTextBytes + 1));
    const bytes = line.indexOf(lineFeed);
    if (bytes < 0 && line.length > maxTextBytes) return undefined;
    if (bytes < 0) throw this.lineWithoutEnd();
    this.at += bytes + 1;
    return line.subarray(0, bytes);
  }

  /** Steps over all up to the next line feed and over that; gives where the line is, without its line feed. */
  async skipLine(): Promise<FileRange> {
    const { offset } = this;
    for (;;) {
      const end = this.window.subarray(0, this.filled).indexOf(lineFeed, this.at);
      if (end >= 0) {
        this.at = end + 1;
        return { offset, bytes: this.offset - 1 - offset };
      }
      this.at = this.filled;
      if (this.left === 0) throw this.lineWithoutEnd();
      await this.refill();
    }
  }

  /** Goes on by `bytes`; gives the place in the window where they begin. */
  private step(bytes: number | bigint): number {
    if (bytes > this.left) throw this.tooShortFor(bytes);
    const at = this.at;
    this.at += Number(bytes);
    return at;
  }

  /** What to throw when `bytes` more are wanted than there are. */
  tooShortFor(bytes: number | bigint): PickleFault {
    const predicate = `needs ${bytes} bytes more, but only ${this.left} are left`;
    return new PickleFault("pickle/truncated", predicate, cutShort);
  }

  private lineWithoutEnd(): PickleFault {
    const message = "needs a line feed, but there is none before the end";
    return new PickleFault("pickle/truncated", message, cutShort);
  }
}

const cutShort = "the file was cut short: download or copy it again";
