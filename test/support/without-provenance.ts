/**
 * A safetensors file of Tensorweld's with the entry `tensorweld` taken out of its header, and nothing else changed: what
 * Python's library would write for the same tensors and `{"format": …}`. Throws when there is no such entry. Plain code
 * on purpose: a reader of Tensorweld's own could hide a fault of its writer.
 */
export function withoutProvenance(file: Buffer): Buffer {
  const start = 8 + Number(file.readBigUInt64LE());
  const header = file.toString("utf8", 8, start);
  const { __metadata__: metadata } = JSON.parse(header) as { __metadata__: Record<string, string> };
  const entry = `,"tensorweld":${JSON.stringify(metadata["tensorweld"])}`;
  if (header.split(entry).length !== 2) throw new Error("the header does not hold one provenance");
  const rest = Buffer.from(header.replace(entry, () => "").trimEnd());
  const padding = Buffer.alloc((8 - (rest.length % 8)) % 8, " ");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(rest.length + padding.length));
  return Buffer.concat([length, rest, padding, file.subarray(start)]);
}
