import type { ByteSource } from "../io/source.ts";
import type { Storage } from "../io/storage.ts";
import type { BlockHasher } from "../kernels/hashes/block-hasher.ts";
import { tensorHash } from "../kernels/hashes/tensor-hash.ts";

/** Bytes that are read at once, or a block where that is longer. */
const READ_BYTES = 1_048_576;

/** Bytes of a block of a file that is no tensor. */
const FILE_BLOCK_BYTES = 65_536;

/** A run of bytes in a file, and how long the blocks are that it is hashed in. */
export interface HashedRun {
  readonly offset: number;
  readonly bytes: number;
  readonly blockBytes: number;
}

/** Hashes of a run's blocks, in order, from reading it once. */
export async function hashRun(
  source: ByteSource,
  { offset, bytes, blockBytes }: HashedRun,
  hasher: BlockHasher,
): Promise<readonly BigUint64Array[]> {
  const stepBytes = blockBytes * Math.max(1, Math.floor(READ_BYTES / blockBytes));
  const buffer = new Uint8Array(Math.min(bytes, stepBytes));
  const hashes: BigUint64Array[] = [];
  for (let done = 0; done < bytes; done += stepBytes) {
    const part = buffer.subarray(0, Math.min(stepBytes, bytes - done));
    await source.readInto(part, offset + done);
    hashes.push(hasher.hash(part, blockBytes));
  }
  return hashes;
}

/** The hash of the first `bytes` bytes of a file, or of all of it; and its length. */
export async function hashFile(
  storage: Storage,
  path: string,
  hasher: BlockHasher,
  bytes?: number,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const source = await storage.open(path);
  try {
    const run = {
      offset: 0,
      bytes: Math.min(bytes ?? source.size, source.size),
      blockBytes: FILE_BLOCK_BYTES,
    };
    return { bytes: source.size, hash: await tensorHash(await hashRun(source, run, hasher)) };
  } finally {
    await source.close();
  }
}
