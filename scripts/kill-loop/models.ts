import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { randomBytes } from "../../test/support/random-bytes.ts";

interface Tensor {
  readonly name: string;
  readonly dtype: "BF16" | "F32" | "I64";
  readonly shape: readonly number[];
}

/** Bytes of one element. */
const widths = { BF16: 2, F32: 4, I64: 8 } as const;

/** What is found in real models: tensors that are cut up, many that share a ticket, one that is copied. */
const tensors: readonly Tensor[] = [
  { name: "embedding.weight", dtype: "BF16", shape: [1600, 1024] },
  { name: "head.weight", dtype: "BF16", shape: [1600, 1024] },
  { name: "wide.weight", dtype: "F32", shape: [600, 1024] },
  ...Array.from({ length: 200 }, (_, layer): Tensor => {
    return { name: `layers.${layer}.norm.weight`, dtype: "BF16", shape: [300] };
  }),
  { name: "position_ids", dtype: "I64", shape: [512] },
];

/** Writes a model of 9 MB into `folder`: its weights, which follow from `seed`, and two files beside them. */
export function writeModel(folder: string, seed: number): void {
  mkdirSync(folder, { recursive: true });
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const parts: Uint8Array[] = [];
  let begin = 0;
  for (const [index, { name, dtype, shape }] of tensors.entries()) {
    const bytes = weights(dtype, product(shape) * widths[dtype], seed * tensors.length + index);
    parts.push(bytes);
    header[name] = { dtype, shape, data_offsets: [begin, begin + bytes.length] };
    begin += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(join(folder, "model.safetensors"), Buffer.concat([length, text, ...parts]));
  writeFileSync(join(folder, "config.json"), '{"model_type":"killed"}\n');
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify({ words: "x".repeat(100_000) }));
}

/** Random bits; of floating-point numbers with exponents that keep them small and finite. */
function weights(dtype: Tensor["dtype"], length: number, seed: number): Uint8Array {
  const bytes = randomBytes(length, seed);
  if (dtype === "I64") return bytes;
  // The last byte of each number holds its sign and the upper seven bits of its exponent.
  const width = widths[dtype];
  for (let last = width - 1; last < length; last += width) {
    bytes[last] = (bytes[last]! & 0b1000_0011) | 0b0011_1100;
  }
  return bytes;
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, length) => all * length, 1);
}
