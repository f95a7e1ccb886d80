import type { Storage } from "../io/storage.ts";
import { type JournalEntry, parseEntry } from "./journal-entry.ts";

/** Bytes of a journal that are read at once. */
const READ_BYTES = 1_048_576;

/**
 * Characters of the longest line that is read. That of a piece of 16 GB, as only a worker with a budget of several times
 * that writes, has some two million; anything longer is no line but damage.
 */
const MAX_LINE_CHARACTERS = 16_000_000;

/** What the journal at `path` says, from its first line to its last; what is damaged is left out. */
export async function* journalEntries(storage: Storage, path: string): AsyncGenerator<JournalEntry, void> {
  for await (const line of linesOf(storage, path)) {
    const entry = parseEntry(line);
    if (entry !== undefined) yield entry;
  }
}

/** The lines of a file that have an end, without it. */
async function* linesOf(storage: Storage, path: string): AsyncGenerator<string, void> {
  const source = await storage.open(path);
  try {
    // What is no UTF-8 becomes a line that is no entry, or an entry of a tensor that there is not.
    const decoder = new TextDecoder();
    let rest = "";
    for (let at = 0; at < source.size; at += READ_BYTES) {
      const bytes = new Uint8Array(Math.min(READ_BYTES, source.size - at));
      await source.readInto(bytes, at);
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop()!;
      if (rest.length > MAX_LINE_CHARACTERS) rest = "";
      yield* lines;
    }
  } finally {
    await source.close();
  }
}
