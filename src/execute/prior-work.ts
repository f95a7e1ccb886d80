import { bytesOf } from "../dtype.ts";
import type { ByteSource } from "../io/source.ts";
import type { Storage } from "../io/storage.ts";
import { type BlockHasher, blockBytesOf } from "../kernels/hashes/block-hasher.ts";
import { hashRun } from "../manifest/hash-source.ts";
import type { Plan, TensorTask } from "../plan/plan.ts";
import type { PieceResult } from "./piece-result.ts";
import type { Piece } from "./ticket.ts";
import type { JournalEntry, PieceEntry } from "./journal-entry.ts";

/** Bytes that are compared before anything else gets a turn: what waits, such as a signal to stop, waits some 50 ms. */
const BYTES_PER_TURN = 64_000_000;

/** What confirming takes. */
interface Confirming {
  /** Whether what a device computed may stay; the device is a GPU's name, or undefined for the CPU. */
  readonly accepts: (gpu: string | undefined) => boolean;
  readonly storage: Storage;
  readonly hasher: BlockHasher;
  /** Ends it early when aborted: what is then left out would be done again. */
  readonly signal: AbortSignal | undefined;
}

/** What an earlier attempt at the same merge did, as far as its shards bear it out. */
export class PriorWork {
  private readonly pieces = new Map<string, PieceResult>();
  private readonly tensors = new Map<string, readonly number[]>();
  private rejected = 0;

  /** What the journal says, of it only what the bytes in the shards at the paths `shards` agree with. */
  static async confirmed(
    entries: AsyncIterable<JournalEntry>,
    plan: Plan,
    shards: readonly string[],
    { accepts, storage, hasher, signal }: Confirming,
  ): Promise<PriorWork> {
    const prior = new PriorWork();
    const tasks = new Map(plan.tasks.map((task) => [task.name, task]));
    const sources = await Promise.all(shards.map(async (path) => storage.open(path)));
    let bytes = 0;
    try {
      for await (const entry of entries) {
        const task = tasks.get(entry.tensor);
        if (task === undefined) continue;
        if (entry.kind === "tensor") prior.tensors.set(entry.tensor, entry.observed);
        else if (!accepts(entry.result.gpu)) prior.rejected++;
        else if (await isWritten(entry, task, sources[task.target.file]!, hasher)) {
          prior.pieces.set(keyOf(entry.tensor, entry.firstElement, entry.elements), entry.result);
          bytes += bytesOf(task.target.dtype, entry.elements);
        }
        if (bytes < BYTES_PER_TURN) continue;
        bytes = 0;
        await new Promise((resolve) => setTimeout(resolve));
        if (signal?.aborted === true) break;
      }
    } finally {
      for (const source of sources) await source.close();
    }
    return prior;
  }

  /** How many pieces are there and may not stay, as another device computed them. */
  get rejectedPieces(): number {
    return this.rejected;
  }

  /** What became of a piece that is written already; never of one whose pass only reduces. */
  resultOf({ tensor, firstElement, elements, pass }: Piece): PieceResult | undefined {
    return pass?.emits === false ? undefined : this.pieces.get(keyOf(tensor, firstElement, elements));
  }

  /** What was observed of a tensor that was shared pass by pass, when all its pieces are done. */
  observed(tensor: string): readonly number[] | undefined {
    return this.tensors.get(tensor);
  }
}

function keyOf(tensor: string, firstElement: number, elements: number): string {
  return `${firstElement}+${elements} ${tensor}`;
}

/** Whether a piece's bytes are in its shard: a machine that went down may have kept the journal and lost them. */
async function isWritten(
  { firstElement, elements, result }: PieceEntry,
  { target: { dtype, offset }, elements: all }: TensorTask,
  source: ByteSource,
  hasher: BlockHasher,
): Promise<boolean> {
  const isInside = [firstElement, elements].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!isInside || firstElement + elements > all) return false;
  const run = {
    offset: offset + bytesOf(dtype, firstElement),
    bytes: bytesOf(dtype, elements),
    blockBytes: blockBytesOf(dtype),
  };
  const found = (await hashRun(source, run, hasher)).flatMap((hashes) => [...hashes]);
  return found.length === result.hashes.length && found.every((hash, index) => hash === result.hashes[index]);
}
