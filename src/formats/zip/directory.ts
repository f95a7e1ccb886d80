import type { ByteSource } from "../../io/source.ts";
import { describeFew } from "../describe-few.ts";
import { shorten } from "../describe-json.ts";
import type { ProblemList } from "../problem-list.ts";
import { readDirectoryEntry } from "./directory-entry.ts";
import type { DirectoryEntry } from "./directory-entry.ts";
import { directoryEntryBytes } from "./end-record.ts";
import type { DirectoryPlace } from "./end-record.ts";
import { readRecord } from "./record.ts";
import { describeMethod, stored } from "./storage-method.ts";

// Source: APPNOTE.TXT 4.3.12.
const signature = 0x0201_4b50;

/**
 * The entries of the directory at `place`, none of them compressed; undefined when it cannot be read to its end, or
 * some are. What is wrong with single entries goes into `problems`, and those entries are left out.
 */
export async function readDirectory(
  source: ByteSource,
  place: DirectoryPlace,
  problems: ProblemList,
): Promise<readonly DirectoryEntry[] | undefined> {
  const view = await readRecord(source, place.offset, place.bytes);
  const entries: DirectoryEntry[] = [];
  let at = 0;
  for (let index = 0; index < place.entries; index++) {
    const bytes = recordBytes(view, at);
    if (bytes === undefined) {
      const message = `entry ${index + 1} of ${place.entries} in its directory is none, or runs past its end`;
      problems.add({ code: "zip/directory", message });
      return undefined;
    }
    const entry = readDirectoryEntry(new DataView(view.buffer, at, bytes), problems);
    if (entry !== undefined) entries.push(entry);
    at += bytes;
  }
  if (at === place.bytes) return areStored(entries, problems) ? entries : undefined;
  const message = `the ${place.entries} entries of its directory take ${at} bytes, but the directory ${place.bytes}`;
  problems.add({ code: "zip/directory", message });
  return undefined;
}

/** Length of the entry's record at `at` with all that varies; undefined when it is none or does not fit. */
function recordBytes(view: DataView, at: number): number | undefined {
  if (at + directoryEntryBytes > view.byteLength || view.getUint32(at, true) !== signature) return undefined;
  const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const bytes = directoryEntryBytes + name! + extra! + comment!;
  return at + bytes <= view.byteLength ? bytes : undefined;
}

/** One problem for all compressed entries: they were packed at once, by one program. */
function areStored(entries: readonly DirectoryEntry[], problems: ProblemList): boolean {
  const compressed = entries.filter(({ method }) => method !== stored);
  const [first] = compressed;
  if (first === undefined) return true;
  const names = describeFew(compressed, ({ name }) => JSON.stringify(shorten(name)));
  problems.add({
    code: "zip/compressed",
    message: `its files are ${describeMethod(first.method)}, where stored ones are needed: ${names}`,
    hint: "pack it again without compression: zip -0 -r",
  });
  return false;
}
