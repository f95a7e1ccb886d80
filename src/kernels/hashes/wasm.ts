import { type BlockHasher, hashBlocks } from "./block-hasher.ts";
import { compileXxh64 } from "./compile.ts";

const PAGE_BYTES = 65_536;

type HashOf = (block: Uint8Array) => bigint;

/**
 * The hasher in WebAssembly. What lies in `memory` is hashed where it is; everything else is copied, block by block,
 * to a memory of the hasher's own, which grows to the longest block. To hash a file without copies, read it into a
 * memory of yours.
 */
export function createBlockHasher(memory?: WebAssembly.Memory): BlockHasher {
  // Compiled at once: it is below 1 KiB, and older browsers stop at 4 KiB on their main thread.
  const module = new WebAssembly.Module(compileXxh64());
  const hashInPlace = memory && hashIn(module, memory);
  let hashCopy: HashOf | undefined;

  return {
    hash(bytes, blockBytes) {
      if (hashInPlace !== undefined && bytes.buffer === memory?.buffer) {
        return hashBlocks(bytes, blockBytes, hashInPlace);
      }
      // Made late, because a memory takes gigabytes of addresses and a backend hashes nothing but its own buffers.
      hashCopy ??= hashCopyIn(module, new WebAssembly.Memory({ initial: 0 }));
      return hashBlocks(bytes, blockBytes, hashCopy);
    },
  };
}

/** Hashes blocks that lie in `memory`. */
function hashIn(module: WebAssembly.Module, memory: WebAssembly.Memory): HashOf {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const run = exports["run"] as (address: number, bytes: number) => bigint;
  // WebAssembly gives its 64 bits as a signed number.
  return (block) => BigInt.asUintN(64, run(block.byteOffset, block.length));
}

/** Hashes blocks that lie elsewhere, at the start of `memory`. */
function hashCopyIn(module: WebAssembly.Module, memory: WebAssembly.Memory): HashOf {
  const hashOf = hashIn(module, memory);
  return (block) => {
    const missing = block.length - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    const copy = new Uint8Array(memory.buffer, 0, block.length);
    copy.set(block);
    return hashOf(copy);
  };
}
