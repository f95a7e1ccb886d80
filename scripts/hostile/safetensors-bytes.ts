/** A safetensors file of `header`, text or raw bytes, followed by `dataBytes` zeros; nothing in it is checked. */
export function fileOf(header: string | Uint8Array, dataBytes: number): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  return fileWithLength(BigInt(text.length), text, dataBytes);
}

/** The same with a length field that says `headerBytes`, whatever the header's length is. */
export function fileWithLength(headerBytes: bigint, text: Uint8Array, dataBytes: number): Uint8Array {
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, headerBytes, true);
  file.set(text, 8);
  return file;
}

/** A header's entry as JSON: `"name":{"dtype":…,"shape":…,"data_offsets":…}`, the values given as JSON. */
export function entryOf(name: string, dtype: string, shape: string, offsets: string): string {
  return `${JSON.stringify(name)}:{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
}

/** A valid entry of `bytes` numbers of type U8 from offset `begin` on. */
export function byteEntry(name: string, begin: number, end: number): string {
  return entryOf(name, '"U8"', `[${end - begin}]`, `[${begin},${end}]`);
}
