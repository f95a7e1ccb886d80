import { readUint64 } from "./record.ts";

/** Tag of the block that holds numbers of 64 bits. Source: APPNOTE.TXT 4.5.3. */
const zip64Tag = 1;

/**
 * The `wanted` numbers of 64 bits in an entry's extra field; undefined when there are not exactly so many. An extra
 * field is not read when none is wanted: other programs put their own things there, in their own forms.
 */
export function readZip64Extra(extra: DataView, wanted: number): readonly number[] | undefined {
  if (wanted === 0) return [];
  let found: readonly number[] | undefined;
  for (let at = 0; at < extra.byteLength;) {
    if (at + 4 > extra.byteLength) return undefined;
    const [tag, bytes] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    const begin = at + 4;
    at = begin + bytes;
    if (at > extra.byteLength) return undefined;
    if (tag !== zip64Tag) continue;
    if (found !== undefined || bytes !== wanted * 8) return undefined;
    found = Array.from({ length: wanted }, (_, index) => readUint64(extra, begin + index * 8));
  }
  return found;
}
