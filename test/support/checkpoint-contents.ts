import type { Checkpoint } from "../../src/formats/checkpoint.ts";
import { decodedText } from "../../src/formats/text-source.ts";
import type { Storage } from "../../src/io/storage.ts";

/** All tensors of a checkpoint, by name in sorted order: type, shape, and the bytes in hexadecimal. */
export async function contentsOf(storage: Storage, { tensors }: Checkpoint): Promise<Record<string, string>> {
  const contents: [string, string][] = [];
  for (const { name, dtype, shape, file, offset, bytes, text } of tensors.values()) {
    const source = await storage.open(file);
    const data = Buffer.alloc(bytes);
    if (text === undefined) await source.readInto(data, offset);
    else await decodedText(source, text, bytes).readInto(data, offset);
    await source.close();
    contents.push([name, `${dtype} [${shape.join(", ")}] ${data.toString("hex")}`]);
  }
  return Object.fromEntries(contents.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
