import { bitsOf, type DType, isMergeable } from "../dtype.ts";
import type { TensorInfo } from "../formats/checkpoint.ts";
import { decodedText } from "../formats/text-source.ts";
import { foldBlocks } from "../formula/reductions.ts";
import type { Structure } from "../formula/stage.ts";
import type { ByteSource } from "../io/source.ts";
import type { Layout } from "../kernels/backend.ts";
import { blockBytesOf } from "../kernels/hashes/block-hasher.ts";
import { tensorHash } from "../kernels/hashes/tensor-hash.ts";
import { backends } from "../kernels/index.ts";

/**
 * Bytes that are read, hashed and counted at once: few enough to stay in a processor's cache between the three, and
 * enough for some blocks of every type.
 */
const RUN_BYTES = 2 ** 21;

/** The pass that counts finite elements: those of a magnitude below its only scalar, infinity, which NaN is not. */
const countFinite: Structure = {
  instructions: [
    { kind: "input", index: 0 },
    { kind: "op", op: "abs", args: [0] },
    { kind: "scalar", slot: 0 },
    { kind: "op", op: "lt", args: [1, 2] },
  ],
  reductions: [{ by: "count", args: [3] }],
  tallies: [],
  scalars: 1,
  trees: 0,
  streams: 0,
};

/** What the bytes of a tensor are. */
export interface TensorContents {
  /** See `tensorHash`. */
  readonly hash: string;
  /** Elements that are NaN or infinite; absent for types that are carried as bytes. */
  readonly nonFinite?: number;
}

/** Reads tensors, each byte once, into one memory that its kernels work in. */
export class TensorReader {
  // One run as the kernels' input, and the room for an output that is never written, and so takes no memory.
  private readonly backend = backends.wasm(2 * RUN_BYTES);

  /**
   * What the bytes of `tensor` in its file `source` are; calls must not overlap.
   * @param moved is told of every run of bytes, and awaited.
   */
  async read(
    source: ByteSource,
    tensor: TensorInfo,
    moved: (bytes: number) => Promise<void>,
  ): Promise<TensorContents> {
    const { dtype, offset, bytes, text } = tensor;
    const from = text === undefined ? source : decodedText(source, text, bytes);
    const layout: Layout = { inputs: [dtype], output: dtype };
    const blockBytes = blockBytesOf(dtype);
    const runBytes = blockBytes * Math.floor(RUN_BYTES / blockBytes);
    const hashes: BigUint64Array[] = [];
    let finite = 0;
    for (let done = 0; done < bytes; done += runBytes) {
      const elements = elementsIn(Math.min(runBytes, bytes - done), dtype);
      const run = this.backend.buffersFor(layout, elements).inputs[0]!;
      await from.readInto(run, offset + done);
      hashes.push(await this.backend.hash(run, blockBytes));
      if (isMergeable(dtype)) finite += await this.finiteIn(layout, elements, elementsIn(done, dtype));
      await moved(run.length);
    }
    const hash = await tensorHash(hashes);
    return isMergeable(dtype) ? { hash, nonFinite: elementsIn(bytes, dtype) - finite } : { hash };
  }

  /** How many of the elements in the buffers are finite. */
  private async finiteIn(layout: Layout, elements: number, firstElement: number): Promise<number> {
    const kernel = await this.backend.compile(countFinite, layout);
    const position = { elements, firstElement };
    const { reductions } = await kernel.run({ ...position, scalars: [Infinity], trees: [], keys: [] });
    return foldBlocks(reductions[0]!);
  }
}

function elementsIn(bytes: number, dtype: DType): number {
  return (bytes * 8) / bitsOf(dtype);
}
