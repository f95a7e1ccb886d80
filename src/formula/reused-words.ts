/** How much longer words become at least, so that tensors that each take a little more don't all make new ones. */
const GROWTH = 1.1;

/**
 * Words of 32 bits that are used again and again. Trees and counts are megabytes: left to the collector, those of dozens of
 * tensors would lie about in every thread before it looks. They are in memory that threads share, where there is such, so
 * that sending them to another thread copies nothing.
 */
export class ReusedWords {
  private words: Int32Array = new Int32Array(0);

  /**
   * `length` words, of which the first `kept` hold what the last ones did; the others are zero. Those given out before
   * must not be used any more.
   */
  take(length: number, kept = 0): Int32Array {
    if (length > this.words.length) {
      const room = Math.max(length, Math.ceil(this.words.length * GROWTH));
      const grown = new Int32Array(newBuffer(room * Int32Array.BYTES_PER_ELEMENT));
      grown.set(this.words.subarray(0, kept));
      this.words = grown;
    } else {
      this.words.fill(0, kept, length);
    }
    return this.words.subarray(0, length);
  }

  /** The same as counts, all zero. */
  takeCounts(length: number): Uint32Array {
    const { buffer } = this.take(length);
    return new Uint32Array(buffer, 0, length);
  }
}

/** Browsers share memory between threads only in pages that are isolated from others. */
function newBuffer(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}
