import { bytesOf } from "../../dtype.ts";
import type { DType } from "../../dtype.ts";
import type { TensorInfo } from "../checkpoint.ts";
import { describeFew } from "../describe-few.ts";
import { Dictionary, Global } from "../pickle/values.ts";
import type { Call, PickleValue } from "../pickle/values.ts";
import type { ProblemList } from "../problem-list.ts";
import { tensorSize } from "../tensor-size.ts";
import type { Archive } from "./archive.ts";
import { countsOf, countsWanted, countWanted, isCount } from "./counts.ts";
import { describeItem, describeItems } from "./describe-items.ts";
import { torchTypes } from "./element-types.ts";
import { readStorage } from "./storage.ts";
import type { StoragePlace } from "./storage.ts";
import { viewOf } from "./tensor-makers.ts";
import type { Fault, TensorView } from "./tensor-makers.ts";

/**
 * The tensor `name`, its type, shape and place in the file; undefined when something is wrong, or when it does not
 * lie in its storage in one piece: then `problems` says why.
 */
export function readTensor(
  name: string,
  call: Call,
  archive: Archive,
  problems: ProblemList,
): TensorInfo | undefined {
  const refuse = (fault: Fault): undefined => {
    problems.add({ code: "pytorch/tensor", tensor: name, ...fault });
  };
  const view = viewOf(call);
  if ("message" in view) return refuse(view);
  const storage = readStorage(name, view.storage, archive, problems);
  if (storage === undefined) return undefined;
  const place = placeIn(storage, view);
  return "message" in place ? refuse(place) : { name, file: archive.path, ...place };
}

/** What a view of a storage is a view of, or why it cannot be read. */
function placeIn(
  { entry, dtype: storageType }: StoragePlace,
  view: TensorView,
): Omit<TensorInfo, "name" | "file"> | Fault {
  const dtype = view.type === undefined ? storageType : typeCalled(view.type);
  if (dtype === undefined)
    return { message: `its type is ${describeItem(view.type!)}, which is none that safetensors files have` };
  const axes = readAxes(view);
  if ("message" in axes) return axes;
  const { shape, strides, offset } = axes;
  const size = tensorSize(dtype, shape);
  if ("fault" in size) return { message: `${dtype} of shape ${describeItems(view.shape)} ${size.fault}` };
  if (size.bytes > 0 && !areContiguous(shape, strides)) return scattered(view);
  const begin = bytesOf(dtype, offset);
  const end = begin + size.bytes;
  if (end > entry.bytes) return { message: `ends at byte ${end} of its storage, which has ${entry.bytes}` };
  return faultOfMetadata(view.metadata) ?? { dtype, shape, offset: entry.offset + begin, bytes: size.bytes };
}

function typeCalled(value: PickleValue): DType | undefined {
  return value instanceof Global ? torchTypes.get(value.name) : undefined;
}

/** Lengths and strides of a view's axes and its offset in its storage, all in elements. */
interface Axes {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

function readAxes(view: TensorView): Axes | Fault {
  const { offset } = view;
  const shape = countsOf(view.shape);
  const strides = countsOf(view.strides);
  if (shape === undefined)
    return { message: `its shape is ${describeItems(view.shape)}, where ${countsWanted} is needed` };
  if (strides === undefined)
    return { message: `its strides are ${describeItems(view.strides)}, where ${countsWanted} is needed` };
  if (!isCount(offset))
    return {
      message: `its offset is ${describeItem(offset)}, where ${countWanted} is needed`,
    };
  if (shape.length === strides.length) return { shape, strides, offset };
  return {
    message: `its shape ${describeItems(view.shape)} and strides ${describeItems(view.strides)} differ in length`,
  };
}

/** Whether axes lie row by row without gaps. One of a single element is never stepped along. */
function areContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let wanted = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== wanted) return false;
    wanted *= shape[axis]!;
  }
  return true;
}

function scattered({ shape, strides }: TensorView): Fault {
  const found = `shape ${describeItems(shape)} with strides ${describeItems(strides)}`;
  const message = `is a view of ${found}: its numbers do not lie one after the other`;
  return { message, hint: "save what its contiguous() gives" };
}

/** Metadata of one tensor; PyTorch writes two at most, and those of a hostile file are looked through for each. */
const maxMetadata = 8;

/** Why numbers do not mean what they are, by what PyTorch says is yet to be done with them. */
function faultOfMetadata(metadata: PickleValue | undefined): Fault | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const pairs = metadata instanceof Dictionary ? metadata.pairs : undefined;
  const isShort = pairs !== undefined && pairs.length <= maxMetadata;
  if (isShort && pairs.every(([, isPending]) => isPending === false)) return undefined;
  const found =
    pairs === undefined ? describeItem(metadata) : describeFew(pairs, ([key]) => describeItem(key));
  const message = `has metadata that change what its numbers mean: ${found}`;
  return { message, hint: "save what its resolve_conj().resolve_neg() gives" };
}
