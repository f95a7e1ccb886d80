import type { ByteSource } from "../../io/source.ts";
import type { ProblemList } from "../problem-list.ts";
import { elsewhere16, elsewhere32, readRecord, readUint64 } from "./record.ts";

/** Where the directory of a zip lies, as its end record says and its length allows. */
export interface DirectoryPlace {
  /** Offset of its first byte. */
  readonly offset: number;
  readonly bytes: number;
  readonly entries: number;
}

/** The numbers of an end record. */
interface EndRecord extends DirectoryPlace {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
}

// Signatures and lengths in bytes without what varies. Source: APPNOTE.TXT 4.3.14 to 4.3.16.
const endSignature = 0x0605_4b50;
const endBytes = 22;
const locatorSignature = 0x0706_4b50;
const locatorBytes = 20;
const zip64Signature = 0x0606_4b50;
const zip64Bytes = 56;

/** Bytes of the comment that may follow the end record: its length is a number of 16 bits. */
const maxCommentBytes = 0xffff;

/** Bytes of an entry in the directory without its name. */
export const directoryEntryBytes = 46;

/** Bytes of a directory, which is read into memory: enough for half a million tensors, as the largest model has. */
const maxDirectoryBytes = 100_000_000;

/** Entries of a zip; each takes some hundred bytes of memory. The largest known model has 497,000 tensors. */
const maxEntries = 1_000_000;

/** An end record and its offset. */
interface Found {
  readonly record: EndRecord;
  readonly at: number;
}

/** The place of the directory of the zip `source`, or undefined when it cannot be: then `problems` says why. */
export async function findDirectory(
  source: ByteSource,
  problems: ProblemList,
): Promise<DirectoryPlace | undefined> {
  const short = await findEndRecord(source);
  const found = typeof short === "string" ? short : ((await findZip64(source, short)) ?? short);
  const fault = typeof found === "string" ? found : faultOfPlace(found);
  if (typeof found !== "string" && fault === undefined) return found.record;
  problems.add({
    code: "zip/end-record",
    message: fault!,
    hint: "the file was cut short or damaged: download or copy it again",
  });
  return undefined;
}

/** The last end record of the file, or what is wrong. It must end the file: then no two programs choose differently. */
async function findEndRecord(source: ByteSource): Promise<Found | string> {
  const tailBytes = Math.min(source.size, endBytes + maxCommentBytes);
  const tail = await readRecord(source, source.size - tailBytes, tailBytes);
  let at = tailBytes - endBytes;
  while (at >= 0 && tail.getUint32(at, true) !== endSignature) at--;
  if (at < 0) return `has no end record of a zip in its last ${tailBytes} bytes`;
  const comment = tail.getUint16(at + 20, true);
  const follow = tailBytes - at - endBytes;
  if (comment !== follow)
    return `its end record gives the comment a length of ${comment}, but ${follow} bytes follow`;
  const record = {
    disk: tail.getUint16(at + 4, true),
    directoryDisk: tail.getUint16(at + 6, true),
    entriesOnDisk: tail.getUint16(at + 8, true),
    entries: tail.getUint16(at + 10, true),
    bytes: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  return { record, at: source.size - tailBytes + at };
}

/** The end record of 64 bits that a locator right before the short one points to; undefined when there is none. */
async function findZip64(source: ByteSource, short: Found): Promise<Found | string | undefined> {
  const locatorAt = short.at - locatorBytes;
  if (locatorAt < 0) return undefined;
  const locator = await readRecord(source, locatorAt, locatorBytes);
  if (locator.getUint32(0, true) !== locatorSignature) return undefined;
  const [disk, at, disks] = [locator.getUint32(4, true), readUint64(locator, 8), locator.getUint32(16, true)];
  if (disk !== 0 || disks > 1)
    return `its locator speaks of disk ${disk} of ${disks}, where there is only one`;
  const where = `its locator puts the end record of 64 bits at ${at}`;
  if (at + zip64Bytes > locatorAt) return `${where}, but itself begins at ${locatorAt}`;
  const view = await readRecord(source, at, zip64Bytes);
  if (view.getUint32(0, true) !== zip64Signature) return `${where}, where there is none`;
  // The length field counts what follows it.
  const end = at + 12 + readUint64(view, 4);
  if (end !== locatorAt)
    return `its end record of 64 bits ends at ${end}, but its locator begins at ${locatorAt}`;
  const record = {
    disk: view.getUint32(16, true),
    directoryDisk: view.getUint32(20, true),
    entriesOnDisk: readUint64(view, 24),
    entries: readUint64(view, 32),
    bytes: readUint64(view, 40),
    offset: readUint64(view, 48),
  };
  return differenceOf(short.record, record) ?? { record, at };
}

/** What the short record holds in place of a number that only the long one holds. */
const elsewhere: Readonly<EndRecord> = {
  disk: elsewhere16,
  directoryDisk: elsewhere16,
  entriesOnDisk: elsewhere16,
  entries: elsewhere16,
  bytes: elsewhere32,
  offset: elsewhere32,
};

function differenceOf(short: EndRecord, long: EndRecord): string | undefined {
  const keys = Object.keys(elsewhere) as (keyof EndRecord)[];
  const key = keys.find((name) => short[name] !== elsewhere[name] && short[name] !== long[name]);
  if (key === undefined) return undefined;
  return `its two end records differ: ${key} is ${short[key]} in one, ${long[key]} in that of 64 bits`;
}

function faultOfPlace({ record, at }: Found): string | undefined {
  const { disk, directoryDisk, entriesOnDisk, entries, bytes, offset } = record;
  if (disk !== 0 || directoryDisk !== 0)
    return `is disk ${disk} of an archive whose directory is on disk ${directoryDisk}, where one file is needed`;
  if (entriesOnDisk !== entries) return `holds ${entriesOnDisk} of an archive's ${entries} entries`;
  if (offset + bytes !== at)
    return `its directory of ${bytes} bytes at ${offset} does not end at ${at}, as it must`;
  if (bytes > maxDirectoryBytes)
    return `its directory takes ${bytes} bytes; at most ${maxDirectoryBytes} are read`;
  if (entries > maxEntries) return `it has ${entries} entries; at most ${maxEntries} are read`;
  if (entries * directoryEntryBytes <= bytes) return undefined;
  return `its end record counts ${entries} entries, which do not fit into the directory's ${bytes} bytes`;
}
