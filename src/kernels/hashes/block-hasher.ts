import { bytesOf, type DType } from "../../dtype.ts";
import { BLOCK_ELEMENTS } from "../../formula/reductions.ts";

/** Hashes tensors block by block. */
export interface BlockHasher {
  /**
   * XXH64 of each `blockBytes` bytes, in their order, and of what is left at the end. No bytes have no hashes. Throws a
   * TypeError for a view whose memory has moved, a RangeError for a block that is not a positive number of bytes.
   */
  hash(bytes: Uint8Array, blockBytes: number): BigUint64Array;
}

/**
 * Bytes of a tensor that are hashed together: those of `BLOCK_ELEMENTS` elements, a whole number for every type. Chunks
 * of work are whole blocks, so neither their size nor the number of workers can show in a hash.
 */
export function blockBytesOf(dtype: DType): number {
  return bytesOf(dtype, BLOCK_ELEMENTS);
}

/** What `BlockHasher` promises, with `hashOf` to hash one block. */
export function hashBlocks(
  bytes: Uint8Array,
  blockBytes: number,
  hashOf: (block: Uint8Array) => bigint,
): BigUint64Array {
  if (!Number.isSafeInteger(blockBytes) || blockBytes <= 0) {
    throw new RangeError(`Blocks of ${blockBytes} bytes; they need at least one`);
  }
  // Where memory has moved, the view is empty and would pass for a tensor without elements; a new view can't be made.
  const { length } = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const hashes = new BigUint64Array(Math.ceil(length / blockBytes));
  for (let block = 0; block < hashes.length; block++) {
    hashes[block] = hashOf(bytes.subarray(block * blockBytes, (block + 1) * blockBytes));
  }
  return hashes;
}
