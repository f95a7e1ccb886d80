import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Bytes of one element of the checkpoints made here: all are BF16. */
const ELEMENT_BYTES = 2;

/** Tensors of a made-up model of `bytes` bytes: matrices of 4096 columns, all alike, as most of a real one is. */
export function evenShapes(bytes: number, tensors = 48): readonly TensorShape[] {
  const rows = Math.floor(bytes / ELEMENT_BYTES / 4096 / tensors);
  return Array.from({ length: tensors }, (_, index) => ({
    name: `model.layers.${index}.weight`,
    shape: [rows, 4096],
  }));
}

/**
 * Writes a BF16 checkpoint into the file `name` of `folder`, unless one is there. Values look like weights (around 0.02 in magnitude,
 * either sign); a pattern of 2 MiB that is drawn from `seed` repeats, which no merge can notice.
 */
export function makeCheckpoint(
  folder: string,
  shapes: readonly TensorShape[],
  seed: number,
  name = "model.safetensors",
): void {
  const file = join(folder, name);
  if (existsSync(file)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), "{}\n");
  const pattern = weightPattern(seed);
  const header = headerBytes(shapes);
  const handle = openSync(file, "w");
  writeSync(handle, header);
  let left = totalBytes(shapes);
  while (left > 0) left -= writeSync(handle, pattern, 0, Math.min(left, pattern.length));
  closeSync(handle);
}

/** Writes a BF16 checkpoint of zeros that are a hole: it takes no space on the disk. */
export function makeSparseCheckpoint(folder: string, shapes: readonly TensorShape[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), "{}\n");
  const header = headerBytes(shapes);
  const handle = openSync(join(folder, "model.safetensors"), "w");
  writeSync(handle, header);
  ftruncateSync(handle, header.length + totalBytes(shapes));
  closeSync(handle);
}

function totalBytes(shapes: readonly TensorShape[]): number {
  return shapes.reduce((sum, { shape }) => sum + elementsOf(shape) * ELEMENT_BYTES, 0);
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function headerBytes(shapes: readonly TensorShape[]): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let begin = 0;
  for (const { name, shape } of shapes) {
    const end = begin + elementsOf(shape) * ELEMENT_BYTES;
    header[name] = { dtype: "BF16", shape, data_offsets: [begin, end] };
    begin = end;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

function weightPattern(seed: number): Buffer {
  const words = new Uint16Array(1 << 20);
  let state = seed * 2_654_435_761 + 1 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    // Sign, an exponent of 2^-9 to 2^-6, seven bits of fraction.
    words[index] = (state & 0x8000) | ((118 + ((state >>> 8) & 3)) << 7) | (state & 0x7f);
  }
  return Buffer.from(words.buffer);
}
