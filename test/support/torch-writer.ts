// A file of PyTorch by hand: a pickle and storages in a zip. Strings are bytes, as in pickle-writer.ts.
import * as write from "./pickle-writer.ts";
import { zipOf } from "./zip-writer.ts";
import type { ZipFrame, ZippedFile } from "./zip-writer.ts";

/** A tensor as a pickle describes it; the opcodes of what is set stand in the place of what should be there. */
export interface TorchTensor {
  /** Class of its storage, `torch.FloatStorage` if absent. */
  readonly type?: string;
  readonly key?: string;
  readonly elements?: string;
  readonly storage?: string;
  readonly offset?: string;
  readonly shape?: string;
  readonly strides?: string;
  /** Arguments after the usual six. */
  readonly more?: readonly string[];
}

/** GLOBAL of a full name. */
export function globalOf(fullName: string): string {
  const dot = fullName.lastIndexOf(".");
  return write.global(fullName.slice(0, dot), fullName.slice(dot + 1));
}

export const floats = globalOf("torch.FloatStorage");

export const emptyOrderedDict = write.call(globalOf("collections.OrderedDict"));

/** A tuple of whole numbers. */
export function numbers(...values: readonly (number | bigint)[]): string {
  return write.tuple(...values.map(write.int));
}

/** A reference to a storage. */
export function storage(type: string, key: string, elements: string, kind = "storage"): string {
  return `${write.tuple(write.text(kind), type, write.text(key), write.text("cpu"), elements)}Q`;
}

/**
 * Arguments that describe a view of a storage: storage, offset, shape, strides. Unless something else is set, two floats,
 * all of the storage 0.
 */
export function viewArguments(fields: TorchTensor = {}): readonly string[] {
  const { type = "torch.FloatStorage", key = "0", elements = write.int(2) } = fields;
  const place = fields.storage ?? storage(globalOf(type), key, elements);
  const { offset = write.int(0), shape = numbers(2), strides = numbers(1) } = fields;
  return [place, offset, shape, strides];
}

/** All arguments of `_rebuild_tensor_v2`. */
export function tensorArguments(fields: TorchTensor = {}): readonly string[] {
  return [...viewArguments(fields), write.no, emptyOrderedDict, ...(fields.more ?? [])];
}

/** A tensor as `maker` makes it. */
export function tensor(fields: TorchTensor = {}, maker = "torch._utils._rebuild_tensor_v2"): string {
  return write.call(globalOf(maker), ...tensorArguments(fields));
}

/** A parameter of a tensor. */
export function parameter(value: string): string {
  return write.call(globalOf("torch._utils._rebuild_parameter"), value, write.yes, emptyOrderedDict);
}

/** A dict by name as a whole pickle. */
export function stateDict(values: Readonly<Record<string, string>>): string {
  return pickle(named(values));
}

/** A dict by name. */
export function named(values: Readonly<Record<string, string>>): string {
  return write.dict(...Object.entries(values).map(([name, value]) => [write.text(name), value] as const));
}

/** A whole pickle of protocol 2. */
export function pickle(value: string): string {
  return write.proto(2) + value + write.stop;
}

/** The files of an archive in PyTorch's order; storages by key. */
export function archiveFiles(
  dataPickle: string,
  storages: Readonly<Record<string, string>> = { "0": "\0".repeat(8) },
): readonly ZippedFile[] {
  return [
    { name: "archive/data.pkl", data: dataPickle },
    { name: "archive/byteorder", data: "little" },
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data })),
    { name: "archive/version", data: "3\n" },
  ];
}

/** A file that PyTorch would read. */
export function torchFile(
  dataPickle: string,
  storages?: Readonly<Record<string, string>>,
  frame?: ZipFrame,
): Uint8Array {
  return write.fileOf(zipOf(archiveFiles(dataPickle, storages), frame));
}
