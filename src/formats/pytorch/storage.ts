import { bytesOf } from "../../dtype.ts";
import type { DType } from "../../dtype.ts";
import { shorten } from "../describe-json.ts";
import { Global, PersistentId, Sequence } from "../pickle/values.ts";
import type { PickleValue } from "../pickle/values.ts";
import type { ProblemList } from "../problem-list.ts";
import type { ZipEntry } from "../zip/zip-entry.ts";
import type { Archive } from "./archive.ts";
import { countWanted, isCount } from "./counts.ts";
import { describeItem, describeItems } from "./describe-items.ts";
import { storageTypes } from "./element-types.ts";

/** Numbers of one type in a file of the archive; tensors are views of it. */
export interface StoragePlace {
  readonly entry: ZipEntry;
  readonly dtype: DType;
}

/** The storage that tensor `name` refers to; undefined when it is not as it should be: then `problems` says why. */
export function readStorage(
  name: string,
  value: PickleValue,
  archive: Archive,
  problems: ProblemList,
): StoragePlace | undefined {
  const refuse = (message: string): undefined => {
    problems.add({ code: "pytorch/storage", tensor: name, message });
  };
  if (!(value instanceof PersistentId)) return refuse(`its storage is ${describeItem(value)}`);
  const items = value.id instanceof Sequence && value.id.kind === "tuple" ? value.id.items : [];
  const [kind, type, key, device, elements] = items;
  const isReference = kind === "storage" && typeof device === "string" && items.length === 5;
  if (!isReference || typeof key !== "string") {
    const wanted = '("storage", type, key, device, elements)';
    return refuse(`its storage is referred to by ${describeItems(value.id)}, where ${wanted} is needed`);
  }
  const path = `${archive.storages}${key}`;
  const shown = JSON.stringify(shorten(path));
  const dtype = type instanceof Global ? storageTypes.get(type.name) : undefined;
  if (dtype === undefined)
    return refuse(
      `the type of its storage ${shown} is ${describeItem(type!)}, which is none that safetensors files have`,
    );
  if (!isCount(elements))
    return refuse(
      `the length of its storage ${shown} is ${describeItem(elements!)}, where ${countWanted} is needed`,
    );
  const entry = archive.entries.get(path);
  if (entry === undefined) return refuse(`its storage ${shown} is not in the archive`);
  const bytes = bytesOf(dtype, elements);
  if (entry.bytes === bytes) return { entry, dtype };
  return refuse(
    `its storage ${shown} holds ${entry.bytes} bytes, where ${elements} × ${dtype} takes ${bytes}`,
  );
}
