import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { arithmeticOf, bytesOf, type DType } from "../../src/dtype.ts";
import { encodeHeader, layoutShards } from "../../src/formats/safetensors/write.ts";

/** A tensor of a test's checkpoint. */
export interface TestTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** One number per element for a floating-point type, else the bytes. */
  readonly values: readonly number[];
}

/** An empty folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tensorweld-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file of tensors into `folder`; returns the folder. */
export function writeCheckpoint(
  folder: string,
  tensors: Readonly<Record<string, TestTensor>>,
  name = "model.safetensors",
): string {
  const specs = Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const layout = layoutShards(specs, {
    prefix: "model",
    maxShardBytes: Infinity,
    metadata: new Map([["format", "pt"]]),
  });
  const [shard] = layout.shards;
  const file = new Uint8Array(shard!.size);
  file.set(encodeHeader(shard!.header));
  for (const { name, offset } of shard!.tensors) file.set(bytesOfTensor(tensors[name]!), offset);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), file);
  return folder;
}

/** The header of a safetensors file, and its data. */
export function readHeader(
  file: string,
): Record<string, { dtype: string; shape: number[]; data_offsets: number[] }> {
  const bytes = readFileSync(file);
  return JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()))) as ReturnType<
    typeof readHeader
  >;
}

function bytesOfTensor({ dtype, values }: TestTensor): Uint8Array {
  const arithmetic = arithmeticOf(dtype);
  if (arithmetic === undefined) return Uint8Array.from(values);
  const width = bytesOf(dtype, 1);
  const view = new DataView(new ArrayBuffer(values.length * width));
  values.forEach((value, index) => arithmetic.encode(view, index * width, value));
  return new Uint8Array(view.buffer);
}
