import type { ByteSource } from "../../io/source.ts";
import type { DirectoryEntry } from "./directory-entry.ts";
import { elsewhere32, readRecord } from "./record.ts";
import { readZip64Extra } from "./zip64-extra.ts";

/** What stands before an entry's contents: once more what the directory says of it. Nothing in it is checked. */
export interface LocalHeader {
  readonly signature: number;
  readonly flags: number;
  readonly method: number;
  /** As many bytes as the directory's name has. */
  readonly nameBytes: Uint8Array;
  /** Length of its own name. */
  readonly nameLength: number;
  /** Bytes stored and bytes held, which are equal; undefined when the header refers to numbers of 64 bits that are not there. */
  readonly sizes: readonly number[] | undefined;
  /** Offset in the file of the first byte of the contents. */
  readonly dataOffset: number;
}

// Source: APPNOTE.TXT 4.3.7.
export const localSignature = 0x0403_4b50;
const fixedBytes = 30;

const nothing = new DataView(new ArrayBuffer(0));

/** One past the last byte of an entry's name in its local header. */
export function nameEndOf({ headerOffset, nameBytes }: DirectoryEntry): number {
  return headerOffset + fixedBytes + nameBytes.length;
}

/** The local header of an entry, whose name must end before `limit`, the offset that no header may reach beyond. */
export async function readLocalHeader(
  source: ByteSource,
  entry: DirectoryEntry,
  limit: number,
): Promise<LocalHeader> {
  const { headerOffset } = entry;
  const view = await readRecord(source, headerOffset, nameEndOf(entry) - headerOffset);
  const [nameLength, extraBytes] = [view.getUint16(26, true), view.getUint16(28, true)];
  const extraOffset = headerOffset + fixedBytes + nameLength;
  const dataOffset = extraOffset + extraBytes;
  const short = [view.getUint32(18, true), view.getUint32(22, true)];
  const isElsewhere = short.includes(elsewhere32);
  const isRead = isElsewhere && dataOffset <= limit;
  const extra = isRead ? await readRecord(source, extraOffset, extraBytes) : nothing;
  return {
    signature: view.getUint32(0, true),
    flags: view.getUint16(6, true),
    method: view.getUint16(8, true),
    nameBytes: new Uint8Array(view.buffer, fixedBytes),
    nameLength,
    // A local header refers to both sizes or to none (APPNOTE.TXT 4.5.3).
    sizes: isElsewhere ? readZip64Extra(extra, 2) : short,
    dataOffset,
  };
}
