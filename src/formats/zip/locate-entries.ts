import type { Problem } from "../../errors.ts";
import type { ByteSource } from "../../io/source.ts";
import { shorten } from "../describe-json.ts";
import type { ProblemList } from "../problem-list.ts";
import type { DirectoryEntry } from "./directory-entry.ts";
import { localSignature, nameEndOf, readLocalHeader } from "./local-header.ts";
import type { LocalHeader } from "./local-header.ts";
import { describeMethod, faultOfFlags, stored } from "./storage-method.ts";
import type { ZipEntry } from "./zip-entry.ts";

/** What is wrong with an entry, said of the entry. */
type Fault = Pick<Problem, "code" | "message">;

/** The bit of an entry's flags that says its sizes follow its contents, so that they may be 0 in its header. */
const sizesFollow = 1 << 3;

/**
 * The places of entries, in the order of the directory. Each entry's own header is compared with the directory, for
 * programs read one or the other; no two entries share a byte, the first begins at 0, and all end before the
 * directory at `directoryOffset`. What is wrong goes into `problems`, and those entries are left out.
 */
export async function locateEntries(
  source: ByteSource,
  entries: readonly DirectoryEntry[],
  directoryOffset: number,
  problems: ProblemList,
): Promise<readonly ZipEntry[]> {
  const sorted = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  const places = new Map<DirectoryEntry, ZipEntry>();
  // One past the last byte read or taken so far. What begins before it is not read: however many entries a
  // hostile directory lists, every byte of the file is read at most once.
  let end = 0;
  for (const entry of sorted) {
    const room = faultOfRoom(entry, end, directoryOffset);
    const header = room === undefined ? await readLocalHeader(source, entry, directoryOffset) : undefined;
    const fault = header === undefined ? room : faultOfHeader(header, entry, directoryOffset);
    if (fault !== undefined) {
      problems.add({
        ...fault,
        message: `the entry ${JSON.stringify(shorten(entry.name))} ${fault.message}`,
      });
      end = Math.max(end, header === undefined ? 0 : readUpTo(header, entry, directoryOffset));
    } else if (header !== undefined) {
      places.set(entry, { name: entry.name, offset: header.dataOffset, bytes: entry.bytes });
      end = header.dataOffset + entry.bytes;
    }
  }
  checkBeginning(sorted, problems);
  return entries.flatMap((entry) => places.get(entry) ?? []);
}

/** One past the last byte that was read of a header: its extra field is not when it would reach the directory. */
function readUpTo(header: LocalHeader, entry: DirectoryEntry, directoryOffset: number): number {
  return header.dataOffset <= directoryOffset ? header.dataOffset : nameEndOf(entry);
}

/** Bytes before the first entry hide another file, or are what is left when a file was put together wrongly. */
function checkBeginning([first]: readonly DirectoryEntry[], problems: ProblemList): void {
  if (first === undefined || first.headerOffset === 0 || problems.all().length > 0) return;
  const message = `its first entry begins at ${first.headerOffset}, where a zip begins at 0`;
  problems.add({ code: "zip/directory", message });
}

/** Why there is no room for an entry's header between `begin` and the directory. */
function faultOfRoom(entry: DirectoryEntry, begin: number, directoryOffset: number): Fault | undefined {
  const { headerOffset } = entry;
  const headerEnd = nameEndOf(entry);
  if (headerEnd > directoryOffset) return overlapsDirectory(headerEnd, directoryOffset);
  if (headerOffset >= begin) return undefined;
  return {
    code: "zip/overlap",
    message: `begins at ${headerOffset}, but the one before it ends at ${begin}`,
  };
}

function faultOfHeader(
  header: LocalHeader,
  entry: DirectoryEntry,
  directoryOffset: number,
): Fault | undefined {
  if (header.signature !== localSignature) return invalid(`has no header at ${entry.headerOffset}`);
  if (!sameName(header, entry)) return invalid("has another name in its own header");
  const end = header.dataOffset + entry.bytes;
  if (end > directoryOffset) return overlapsDirectory(end, directoryOffset);
  const flagged = faultOfFlags(header.flags);
  if (flagged !== undefined) return invalid(`${flagged} by its own header`);
  if (header.method !== stored)
    return { code: "zip/compressed", message: `is ${describeMethod(header.method)} by its own header` };
  const { sizes } = header;
  if (sizes === undefined) return invalid("refers to sizes of 64 bits that its own header lacks");
  const mayBeZero = (header.flags & sizesFollow) !== 0;
  if (sizes.every((size) => size === entry.bytes || (mayBeZero && size === 0))) return undefined;
  return invalid(`takes ${entry.bytes} bytes, but ${sizes.join(" and ")} by its own header`);
}

function sameName({ nameBytes, nameLength }: LocalHeader, entry: DirectoryEntry): boolean {
  const wanted = entry.nameBytes;
  return nameLength === wanted.length && wanted.every((byte, index) => byte === nameBytes[index]);
}

function invalid(message: string): Fault {
  return { code: "zip/entry", message };
}

function overlapsDirectory(end: number, directoryOffset: number): Fault {
  return { code: "zip/overlap", message: `ends at ${end}, but the directory begins at ${directoryOffset}` };
}
