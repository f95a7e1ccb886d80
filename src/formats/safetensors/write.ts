import { dtypes } from "../../dtype.ts";
import type { DType } from "../../dtype.ts";
import { TensorweldError } from "../../errors.ts";
import { compareCodePoints } from "../code-point-order.ts";
import type { WeightPrefix } from "../format.ts";
import { tensorSize } from "../tensor-size.ts";
import { lengthFieldBytes, maxHeaderBytes, maxTensorsPerFile, metadataName } from "./header.ts";

/** A tensor that is to be written. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface PlacedTensor extends TensorSpec {
  /** Offset in the file of its first byte. */
  readonly offset: number;
  readonly bytes: number;
}

/** One file of a checkpoint, laid out to the last byte. */
export interface ShardLayout {
  readonly name: string;
  /** Length of the whole file in bytes. */
  readonly size: number;
  /** The header's text, padded with blanks so that the data begins at a multiple of 8 bytes. */
  readonly header: string;
  /** In the order of the file. */
  readonly tensors: readonly PlacedTensor[];
}

export interface CheckpointLayout {
  readonly shards: readonly ShardLayout[];
  /** Which tensor is in which shard; absent when there is one file only. */
  readonly index?: { readonly name: string; readonly text: string };
}

export interface LayoutOptions {
  readonly prefix: WeightPrefix;
  /** Bytes of tensors in one shard, which has `maxTensorsPerFile` at most; a larger tensor gets a shard of its own. */
  readonly maxShardBytes: number;
  /** The file's own key-value pairs, written into every shard. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** A tensor and its size. */
interface SizedTensor extends TensorSpec {
  readonly bytes: number;
}

/**
 * Where every byte of a checkpoint goes: the same for every order of `tensors`, whose names are unique. A file
 * equals what the safetensors library writes (largest elements first, then by name), so every tensor is aligned.
 * @throws TensorweldError `safetensors/metadata`, `safetensors/shape` or `safetensors/header-length`.
 */
export function layoutShards(tensors: readonly TensorSpec[], options: LayoutOptions): CheckpointLayout {
  const groups = groupIntoShards(tensors.map(sized).toSorted(inFileOrder), options.maxShardBytes);
  const shards = groups.map((group, position) =>
    layoutShard(shardName(options.prefix, position, groups.length), group, options.metadata),
  );
  if (shards.length === 1) return { shards };
  const name = `${options.prefix}.safetensors.index.json`;
  return { shards, index: { name, text: indexText(shards) } };
}

/** The bytes that a file begins with, for the text of its header. */
export function encodeHeader(header: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(lengthFieldBytes + text.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, lengthFieldBytes);
  return bytes;
}

function sized(tensor: TensorSpec): SizedTensor {
  const { name, dtype, shape } = tensor;
  if (name === metadataName) {
    const message = "no tensor can have this name: safetensors keeps it for the file's key-value pairs";
    throw new TensorweldError("refused", [{ code: "safetensors/metadata", tensor: name, message }]);
  }
  const size = tensorSize(dtype, shape);
  if ("bytes" in size) return { name, dtype, shape, bytes: size.bytes };
  const message = `${dtype} of shape [${shape.join(", ")}] ${size.fault}`;
  throw new TensorweldError("refused", [{ code: "safetensors/shape", tensor: name, message }]);
}

const placeOf: ReadonlyMap<DType, number> = new Map(dtypes.map((dtype, place) => [dtype, place]));

function inFileOrder(a: TensorSpec, b: TensorSpec): number {
  return placeOf.get(a.dtype)! - placeOf.get(b.dtype)! || compareCodePoints(a.name, b.name);
}

/** Fills one shard after the other in order; there is always one, if only an empty one. */
function groupIntoShards(
  tensors: readonly SizedTensor[],
  maxShardBytes: number,
): readonly (readonly SizedTensor[])[] {
  const groups: SizedTensor[][] = [[]];
  let filledBytes = 0;
  for (const tensor of tensors) {
    const isTooLarge = groups.at(-1)!.length > 0 && filledBytes + tensor.bytes > maxShardBytes;
    if (isTooLarge || groups.at(-1)!.length === maxTensorsPerFile) {
      groups.push([]);
      filledBytes = 0;
    }
    groups.at(-1)!.push(tensor);
    filledBytes += tensor.bytes;
  }
  return groups;
}

function shardName(prefix: WeightPrefix, position: number, shards: number): string {
  if (shards === 1) return `${prefix}.safetensors`;
  const digits = (value: number): string => String(value).padStart(5, "0");
  return `${prefix}-${digits(position + 1)}-of-${digits(shards)}.safetensors`;
}

function layoutShard(
  name: string,
  tensors: readonly SizedTensor[],
  metadata: ReadonlyMap<string, string>,
): ShardLayout {
  const header = headerText(tensors, metadata);
  if (header.bytes > maxHeaderBytes) throw headerTooLong(name, tensors.length);
  const placed: PlacedTensor[] = [];
  let offset = lengthFieldBytes + header.bytes;
  for (const tensor of tensors) {
    placed.push({ ...tensor, offset });
    offset += tensor.bytes;
  }
  return { name, size: offset, header: header.text, tensors: placed };
}

function headerText(
  tensors: readonly SizedTensor[],
  metadata: ReadonlyMap<string, string>,
): { readonly text: string; readonly bytes: number } {
  const members: string[] = [];
  if (metadata.size > 0) members.push(`"${metadataName}":${metadataText(metadata)}`);
  let begin = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    const offsets = `[${begin},${begin + bytes}]`;
    members.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":${offsets}}`,
    );
    begin += bytes;
  }
  const text = `{${members.join(",")}}`;
  const textBytes = new TextEncoder().encode(text).length;
  const padding = (8 - (textBytes % 8)) % 8;
  return { text: text + " ".repeat(padding), bytes: textBytes + padding };
}

/** Sorted by key; the library's order changes from run to run. */
function metadataText(metadata: ReadonlyMap<string, string>): string {
  const pairs = [...metadata].toSorted(([a], [b]) => compareCodePoints(a, b));
  return `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}

function headerTooLong(name: string, tensors: number): TensorweldError {
  const message = `the header of ${name}, with ${tensors} tensors, would exceed the ${maxHeaderBytes} bytes the format allows`;
  const hint = "lower --max_shard_size, so that fewer tensors share a file";
  return new TensorweldError("refused", [{ code: "safetensors/header-length", message, hint }]);
}

/** The index as Python's `json.dumps(index, indent=2, sort_keys=True)` and a line feed, which Hugging Face writes. */
function indexText(shards: readonly ShardLayout[]): string {
  const lines = shards
    .flatMap(({ name, tensors }) => tensors.map((tensor) => [tensor.name, name] as const))
    .toSorted(([a], [b]) => compareCodePoints(a, b))
    .map(([tensor, file]) => `    ${asciiJson(tensor)}: ${asciiJson(file)}`);
  const totalBytes = shards.flatMap(({ tensors }) => tensors).reduce((sum, { bytes }) => sum + bytes, 0);
  return `{\n  "metadata": {\n    "total_size": ${totalBytes}\n  },\n  "weight_map": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** A string in JSON with only ASCII in it, as Python escapes it. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
