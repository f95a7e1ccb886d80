import { isDType } from "../../src/dtype.ts";
import { isTensorweldError } from "../../src/errors.ts";
import type { Checkpoint, TensorInfo } from "../../src/formats/checkpoint.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { tensorSize } from "../../src/formats/tensor-size.ts";
import type { ByteSource } from "../../src/io/source.ts";
import type { Storage } from "../../src/io/storage.ts";
import { contentsOf } from "../support/checkpoint-contents.ts";
import { memoryStorage } from "../support/memory-storage.ts";

/** How often a reader may read a file over, on average. What is read at the end and again from the start counts twice. */
const maxReadings = 50;

/** How opening the checkpoint at `path` ended. Throws when it was neither in a refusal nor in tensors inside it. */
export async function outcomeOf(
  files: ReadonlyMap<string, Uint8Array>,
  path: string,
): Promise<"accepted" | "refused"> {
  const memory = memoryStorage(files);
  const storage: Storage = { ...memory, open: (file) => inside(memory.open(file) as ByteSource) };
  const checkpoint = await openOrRefuse(storage, path);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (memory.bytesRead() > maxReadings * bytes)
    throw new Error(`read ${memory.bytesRead()} bytes of ${bytes}`);
  if (checkpoint === undefined) return "refused";
  checkTensors(checkpoint, files);
  await readTensors(storage, checkpoint);
  return "accepted";
}

async function openOrRefuse(storage: Storage, path: string): Promise<Checkpoint | undefined> {
  try {
    return await openCheckpoint(storage, path, "model");
  } catch (error) {
    if (isTensorweldError(error) && error.outcome === "refused" && error.problems.length > 0)
      return undefined;
    throw error;
  }
}

/** Every byte is there. Only whether a text stands for bytes is not known before it is decoded. */
async function readTensors(storage: Storage, checkpoint: Checkpoint): Promise<void> {
  try {
    await contentsOf(storage, checkpoint);
  } catch (error) {
    if (!isTensorweldError(error) || error.problems.some(({ code }) => code !== "pickle/text")) throw error;
  }
}

/** A file that must not be read beyond its end: a reader that asks for that has not checked something. */
function inside(source: ByteSource): ByteSource {
  return {
    ...source,
    readInto(into, at) {
      if (!(at >= 0 && at + into.length <= source.size))
        throw new Error(`${into.length} bytes asked for at ${at} of ${source.size}`);
      return source.readInto(into, at);
    },
  };
}

/** Every tensor has the bytes that its type and shape say, inside a file; so has every text that stands for bytes. */
function checkTensors({ tensors }: Checkpoint, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, tensor] of tensors) {
    const fault = faultOf(tensor, files.get(tensor.file)?.length ?? -1);
    if (fault !== undefined || name !== tensor.name)
      throw new Error(`${fault ?? "another name"}: ${JSON.stringify(tensor)}`);
  }
}

function faultOf({ dtype, shape, offset, bytes, text }: TensorInfo, fileBytes: number): string | undefined {
  if (!isDType(dtype)) return "no type";
  if (![...shape, offset, bytes].every(isCount)) return "no whole numbers";
  const size = tensorSize(dtype, shape);
  if (!("bytes" in size) || size.bytes !== bytes) return "another size";
  if (text === undefined) return offset + bytes <= fileBytes ? undefined : "outside of the file";
  if (!isCount(text.offset) || !isCount(text.bytes)) return "no whole numbers";
  if (text.offset + text.bytes > fileBytes) return "outside of the file";
  // No character of a text stands for more than one byte, and each takes at least one.
  return offset + bytes <= text.bytes ? undefined : "outside of the text";
}

/** A whole number, and not the negative zero that no file can mean. */
function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}
