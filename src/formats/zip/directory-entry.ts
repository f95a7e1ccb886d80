import { shorten } from "../describe-json.ts";
import type { ProblemList } from "../problem-list.ts";
import { decodeUtf8 } from "../utf8.ts";
import { directoryEntryBytes } from "./end-record.ts";
import { faultOfEntryName } from "./entry-name.ts";
import { elsewhere32 } from "./record.ts";
import { faultOfFlags, stored } from "./storage-method.ts";
import { readZip64Extra } from "./zip64-extra.ts";

/** An entry as the directory describes it. */
export interface DirectoryEntry {
  readonly name: string;
  /** The name as it stands in the file. */
  readonly nameBytes: Uint8Array;
  /** Offset of its local header. */
  readonly headerOffset: number;
  /** Length of its contents. */
  readonly bytes: number;
  /** How its contents are stored. */
  readonly method: number;
}

/** The bit of an entry's attributes that says it is a folder. PyTorch reads nothing from one that has it. */
const folderAttribute = 0x10;

/**
 * The entry that `view` holds in the directory, a record of its full length; undefined when something is wrong with it:
 * then `problems` says what. Source: APPNOTE.TXT 4.3.12.
 */
export function readDirectoryEntry(
  view: DataView<ArrayBuffer>,
  problems: ProblemList,
): DirectoryEntry | undefined {
  const nameLength = view.getUint16(28, true);
  const nameBytes = new Uint8Array(view.buffer, view.byteOffset + directoryEntryBytes, nameLength);
  const name = decodeUtf8(nameBytes);
  const nameFault = name === undefined ? "is not valid UTF-8" : faultOfEntryName(name);
  const shown = JSON.stringify(shorten(name ?? String.fromCharCode(...nameBytes.subarray(0, 200))));
  if (name === undefined || nameFault !== undefined) {
    problems.add({ code: "zip/name", message: `the name of the entry ${shown} ${nameFault}` });
    return undefined;
  }
  const method = view.getUint16(10, true);
  const isFolder = name.endsWith("/") || (view.getUint32(38, true) & folderAttribute) !== 0;
  const place = faultOfFlags(view.getUint16(8, true)) ?? readPlace(view, nameLength, method);
  if (typeof place !== "string" && !(isFolder && place.bytes > 0))
    return { name, nameBytes, method, ...place };
  const fault = typeof place === "string" ? place : `is a folder, but holds ${place.bytes} bytes`;
  problems.add({ code: "zip/entry", message: `the entry ${shown} ${fault}` });
  return undefined;
}

/** Where an entry's local header is and how long its contents are, or what is wrong with that. */
function readPlace(
  view: DataView<ArrayBuffer>,
  nameLength: number,
  method: number,
): Pick<DirectoryEntry, "headerOffset" | "bytes"> | string {
  const disk = view.getUint16(34, true);
  if (disk !== 0) return `is on disk ${disk}, where one file is all there is`;
  const short = [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)];
  const extra = new DataView(
    view.buffer,
    view.byteOffset + directoryEntryBytes + nameLength,
    view.getUint16(30, true),
  );
  const long = readZip64Extra(extra, short.filter((value) => value === elsewhere32).length);
  if (long === undefined) return "refers to numbers of 64 bits that its extra field lacks";
  const remaining = [...long];
  const [bytes, storedBytes, headerOffset] = short.map((value) =>
    value === elsewhere32 ? remaining.shift()! : value,
  );
  if (bytes !== storedBytes && method === stored)
    return `takes ${storedBytes} bytes for contents of ${bytes}, though it is not compressed`;
  return { bytes: bytes!, headerOffset: headerOffset! };
}
