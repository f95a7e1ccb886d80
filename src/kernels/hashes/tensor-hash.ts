import { sha256Hex } from "../../sha256.ts";

/**
 * The hash of a tensor from those of its blocks, in the order of its elements, whatever runs they come in: SHA-256 of
 * all of them, eight bytes each and little-endian, in lower-case hexadecimal.
 */
export async function tensorHash(blockHashes: Iterable<BigUint64Array>): Promise<string> {
  const hashes = [...blockHashes].flatMap((run) => [...run]);
  const view = new DataView(new ArrayBuffer(hashes.length * BigUint64Array.BYTES_PER_ELEMENT));
  hashes.forEach((hash, index) => view.setBigUint64(index * BigUint64Array.BYTES_PER_ELEMENT, hash, true));
  return sha256Hex(new Uint8Array(view.buffer));
}
