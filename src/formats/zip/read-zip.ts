import type { ByteSource } from "../../io/source.ts";
import { shorten } from "../describe-json.ts";
import type { ProblemList } from "../problem-list.ts";
import { readDirectory } from "./directory.ts";
import { findDirectory } from "./end-record.ts";
import { locateEntries } from "./locate-entries.ts";
import type { ZipEntry } from "./zip-entry.ts";

/**
 * The entries of the zip `source` by name, in the order of its directory; undefined when something is wrong: then
 * `problems` says what. Every rule is checked whose breach lets two programs see different files in one zip; contents
 * are not read, so their checksums are not compared. Source: APPNOTE.TXT 6.3.10 (PKWARE).
 * @throws TensorweldError `io/read` or `io/short-read`.
 */
export async function readZip(
  source: ByteSource,
  problems: ProblemList,
): Promise<ReadonlyMap<string, ZipEntry> | undefined> {
  const place = await findDirectory(source, problems);
  if (place === undefined) return undefined;
  const listed = await readDirectory(source, place, problems);
  if (listed === undefined) return undefined;
  const entries = new Map<string, ZipEntry>();
  for (const entry of await locateEntries(source, listed, place.offset, problems)) {
    if (entries.has(entry.name)) {
      problems.add({
        code: "zip/name",
        message: `there are two entries ${JSON.stringify(shorten(entry.name))}`,
      });
    }
    entries.set(entry.name, entry);
  }
  return problems.all().length === 0 ? entries : undefined;
}
