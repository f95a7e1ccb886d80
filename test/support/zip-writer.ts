// A zip by hand. Strings are bytes in Latin-1, a character for a byte, as in pickle-writer.ts. Every number can be
// set to a lie; what is not set is as it should be.
import { littleEndian } from "./pickle-writer.ts";

/** A file in a zip. */
export interface ZippedFile {
  readonly name: string;
  readonly data: string;
  /** Between its contents and the next file. */
  readonly after?: string;
  /** Lies of its local header. */
  readonly local?: Partial<HeaderFields>;
  /** Lies of the directory. */
  readonly directory?: Partial<DirectoryFields>;
}

interface HeaderFields {
  readonly signature: string;
  readonly flags: number;
  readonly method: number;
  /** Length of the contents as they are stored. */
  readonly storedBytes: number;
  readonly bytes: number;
  readonly name: string;
  readonly nameBytes?: number;
  readonly extra: string;
  readonly extraBytes?: number;
}

interface DirectoryFields extends HeaderFields {
  readonly disk: number;
  readonly attributes: number;
  readonly offset: number;
  readonly comment: string;
}

interface EndFields {
  readonly signature: string;
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number | bigint;
  readonly entries: number | bigint;
  readonly bytes: number | bigint;
  readonly offset: number | bigint;
}

/** What stands around the files of a zip. */
export interface ZipFrame {
  /** Before the first file. */
  readonly prefix?: string;
  /** Between the directory and the end records. */
  readonly gap?: string;
  readonly end?: Partial<EndFields> & { readonly commentBytes?: number };
  readonly comment?: string;
  /** Present when there are to be an end record of 64 bits and its locator. */
  readonly zip64?: Partial<EndFields> & {
    readonly recordBytes?: number | bigint;
    readonly locatorDisk?: number;
    readonly locatorOffset?: number | bigint;
    readonly disks?: number;
  };
}

/** The bit of the flags by which PyTorch says that sizes follow the contents. */
export const sizesFollow = 0x08;

/** A zip of `files` in this order. */
export function zipOf(files: readonly ZippedFile[], frame: ZipFrame = {}): string {
  let contents = frame.prefix ?? "";
  let directory = "";
  for (const file of files) {
    const offset = contents.length;
    contents += localHeader(file) + file.data + (file.after ?? "");
    directory += directoryEntry(file, offset);
  }
  const fields = {
    disk: 0,
    directoryDisk: 0,
    entriesOnDisk: files.length,
    entries: files.length,
    bytes: directory.length,
    offset: contents.length,
  };
  const body = contents + directory + (frame.gap ?? "");
  const comment = frame.comment ?? "";
  return body + zip64Records(fields, body.length, frame) + endRecord(fields, comment, frame) + comment;
}

/** A block of an extra field. */
export function extraBlock(tag: number, data: string): string {
  return littleEndian(tag, 2) + littleEndian(data.length, 2) + data;
}

function localHeader({ name, data, local }: ZippedFile): string {
  const fields = { ...headerFields("PK\x03\x04", name, data), ...local };
  return fields.signature + littleEndian(0, 2) + common(fields) + fields.name + fields.extra;
}

function directoryEntry({ name, data, directory }: ZippedFile, offset: number): string {
  const more = { disk: 0, attributes: 0, offset, comment: "" };
  const all = { ...headerFields("PK\x01\x02", name, data), ...more, ...directory };
  return [
    all.signature,
    littleEndian(0, 4),
    common(all),
    littleEndian(all.comment.length, 2),
    littleEndian(all.disk, 2),
    littleEndian(0, 2),
    littleEndian(all.attributes, 4),
    littleEndian(all.offset, 4),
    all.name,
    all.extra,
    all.comment,
  ].join("");
}

function headerFields(signature: string, name: string, data: string): HeaderFields {
  return { signature, flags: 0, method: 0, storedBytes: data.length, bytes: data.length, name, extra: "" };
}

/** The part that an entry has in common in both places; time and checksum, which nothing reads, are zero. */
function common(fields: HeaderFields): string {
  const { name, nameBytes = name.length, extra, extraBytes = extra.length } = fields;
  return [
    littleEndian(fields.flags, 2),
    littleEndian(fields.method, 2),
    littleEndian(0, 8),
    littleEndian(fields.storedBytes, 4),
    littleEndian(fields.bytes, 4),
    littleEndian(nameBytes, 2),
    littleEndian(extraBytes, 2),
  ].join("");
}

function endRecord(truth: Omit<EndFields, "signature">, comment: string, { end }: ZipFrame): string {
  const all = { signature: "PK\x05\x06", commentBytes: comment.length, ...truth, ...end };
  return [
    all.signature,
    littleEndian(all.disk, 2),
    littleEndian(all.directoryDisk, 2),
    littleEndian(all.entriesOnDisk, 2),
    littleEndian(all.entries, 2),
    littleEndian(all.bytes, 4),
    littleEndian(all.offset, 4),
    littleEndian(all.commentBytes, 2),
  ].join("");
}

function zip64Records(truth: Omit<EndFields, "signature">, offset: number, { zip64 }: ZipFrame): string {
  if (zip64 === undefined) return "";
  const standard = {
    signature: "PK\x06\x06",
    recordBytes: 44,
    locatorDisk: 0,
    locatorOffset: offset,
    disks: 1,
  };
  const all = { ...standard, ...truth, ...zip64 };
  return [
    all.signature,
    littleEndian(all.recordBytes, 8),
    littleEndian(0, 4),
    littleEndian(all.disk, 4),
    littleEndian(all.directoryDisk, 4),
    littleEndian(all.entriesOnDisk, 8),
    littleEndian(all.entries, 8),
    littleEndian(all.bytes, 8),
    littleEndian(all.offset, 8),
    "PK\x06\x07",
    littleEndian(all.locatorDisk, 4),
    littleEndian(all.locatorOffset, 8),
    littleEndian(all.disks, 4),
  ].join("");
}
