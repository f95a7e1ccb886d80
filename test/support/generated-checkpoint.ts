import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A tensor of a made-up checkpoint; its elements are BF16. */
export interface GeneratedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Writes `folder` with a `model.safetensors` whose numbers follow from `seed` alone, so that a test of big tensors
 * needs no big files. Plain code on purpose: a writer of Tensorweld's own could hide a fault of its reader.
 */
export async function writeGeneratedCheckpoint(
  folder: string,
  tensors: readonly GeneratedTensor[],
  seed: number,
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let elements = 0;
  for (const { name, shape } of tensors) {
    const end = elements + shape.reduce((product, length) => product * length, 1);
    header[name] = { dtype: "BF16", shape, data_offsets: [2 * elements, 2 * end] };
    elements = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const file = Buffer.alloc(8 + text.length + 2 * elements);
  file.writeBigUInt64LE(BigInt(text.length));
  text.copy(file, 8);
  for (let index = 0; index < elements; index++) {
    file.writeUInt16LE(generatedBits(seed, index), 8 + text.length + 2 * index);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.safetensors"), file);
}

/**
 * Bits of element `index`, counted through all tensors of the checkpoint: BF16 of either sign from 2^-17 to 2^-1,
 * clear of denormals and overflow. The same as `generated` in scripts/golden_linear.py, which a hash relies on.
 */
function generatedBits(seed: number, index: number): number {
  // The finalizer of MurmurHash3 over the golden ratio's multiples: neighbours come out unrelated.
  let x = (Math.imul(index, 0x9e37_79b1) + seed) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x85eb_ca77) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae3d) >>> 0;
  x = (x ^ (x >>> 16)) >>> 0;
  const exponent = 110 + ((x >>> 7) & 15);
  return ((x >>> 31) << 15) | (exponent << 7) | (x & 127);
}
