import { readFileSync } from "node:fs";

/** A tensor as its file states it, every element widened to float64. */
export interface PlainTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * The floating-point tensors of a safetensors file by name, in the file's order. Plain code on purpose: a reader of
 * Tensorweld's own could hide a fault of its writer.
 */
export function readPlainTensors(file: string): ReadonlyMap<string, PlainTensor> {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString("utf8", 8, start)) as Record<string, HeaderEntry>;
  const tensors = new Map<string, PlainTensor>();
  for (const [name, { dtype, shape, data_offsets: span }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { width, read } = readers[dtype]!;
    const values = new Float64Array((span[1] - span[0]) / width);
    for (let index = 0; index < values.length; index++) {
      values[index] = read(bytes, start + span[0] + index * width);
    }
    tensors.set(name, { dtype, shape, values });
  }
  return tensors;
}

interface Reader {
  readonly width: number;
  readonly read: (bytes: Buffer, at: number) => number;
}

const readers: Readonly<Record<string, Reader>> = {
  F64: { width: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
  F32: { width: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  BF16: { width: 2, read: (bytes, at) => brainFloat(bytes.readUInt16LE(at)) },
  F16: { width: 2, read: (bytes, at) => halfFloat(bytes.readUInt16LE(at)) },
};

/** A BF16 is the upper half of a float32. */
function brainFloat(bits: number): number {
  const word = Buffer.alloc(4);
  word.writeUInt16LE(bits, 2);
  return word.readFloatLE();
}

function halfFloat(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
