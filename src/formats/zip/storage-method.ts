/** Bits of an entry's flags that say its contents, or its header, are encrypted. Source: APPNOTE.TXT 4.4.4. */
const encryption = (1 << 0) | (1 << 6) | (1 << 13);

/** The bit that says its contents are a difference to another file's. */
const patch = 1 << 5;

/** Why an entry's contents are not what was packed, by its flags; undefined when they are. */
export function faultOfFlags(flags: number): string | undefined {
  if ((flags & encryption) !== 0) return "is encrypted";
  return (flags & patch) === 0 ? undefined : "is a patch for another file";
}

/** The method by which contents are stored as they are. */
export const stored = 0;

/** Names of the methods that contents are compressed by. Source: APPNOTE.TXT 4.4.5. */
const methods: ReadonlyMap<number, string> = new Map([
  [8, "deflated"],
  [9, "deflated (Deflate64)"],
  [12, "compressed by bzip2"],
  [14, "compressed by LZMA"],
  [93, "compressed by Zstandard"],
  [95, "compressed by XZ"],
]);

/** What a method other than `stored` does to contents, as messages say it. */
export function describeMethod(method: number): string {
  return methods.get(method) ?? `compressed by method ${method}`;
}
