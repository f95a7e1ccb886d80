import type { ByteSource } from "../../io/source.ts";

/** The `bytes` bytes at offset `at`, which must lie inside the file; all numbers of a zip are little-endian. */
export async function readRecord(
  source: ByteSource,
  at: number,
  bytes: number,
): Promise<DataView<ArrayBuffer>> {
  const view = new DataView(new ArrayBuffer(bytes));
  await source.readInto(new Uint8Array(view.buffer), at);
  return view;
}

/**
 * A number of 64 bits. From 2^53 on it is rounded, which changes no answer: no file is that long, so all that such
 * numbers are compared with is smaller.
 */
export function readUint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** What a field of 16 or 32 bits holds when its value stands in a field of 64 bits elsewhere (zip64). */
export const elsewhere16 = 0xffff;
export const elsewhere32 = 0xffff_ffff;
