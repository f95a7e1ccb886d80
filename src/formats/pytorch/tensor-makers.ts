import { Call, Global, Sequence } from "../pickle/values.ts";
import type { PickleValue } from "../pickle/values.ts";

/** A tensor as PyTorch pickles it, a view of a storage. Nothing in it is checked. */
export interface TensorView {
  readonly storage: PickleValue;
  readonly offset: PickleValue;
  readonly shape: PickleValue;
  readonly strides: PickleValue;
  /** Its element type, where the storage's says nothing. */
  readonly type: PickleValue | undefined;
  /** What is yet to be done with its numbers. */
  readonly metadata: PickleValue | undefined;
}

/** Why a tensor cannot be read: what it is, and what to do about it. */
export interface Fault {
  readonly message: string;
  readonly hint?: string;
}

/** What the arguments of a function that makes a tensor mean; the first four are storage, offset, shape, strides. */
interface Arguments {
  readonly least: number;
  readonly most: number;
  readonly typeAt?: number;
  readonly metadataAt?: number;
}

// Source of all below: torch/_utils.py and torch/_tensor.py.

const viewMakers: ReadonlyMap<string, Arguments> = new Map([
  ["torch._utils._rebuild_tensor", { least: 4, most: 4 }],
  ["torch._utils._rebuild_tensor_v2", { least: 6, most: 7, metadataAt: 6 }],
  ["torch._utils._rebuild_tensor_v3", { least: 7, most: 8, typeAt: 6, metadataAt: 7 }],
]);

/** Functions that give a tensor with something added, and how to find the tensor among their arguments. */
const wrappers: ReadonlyMap<string, (args: readonly PickleValue[]) => PickleValue | undefined> = new Map([
  ["torch._utils._rebuild_parameter", ([tensor]) => tensor],
  ["torch._utils._rebuild_parameter_with_state", ([tensor]) => tensor],
  ["torch._tensor._rebuild_from_type_v2", withAttributes],
]);

/** Functions that make tensors whose numbers do not lie in a storage one after the other. */
const otherMakers: ReadonlyMap<string, Fault> = new Map([
  ["torch._utils._rebuild_qtensor", { message: "is quantised", hint: "save what its dequantize() gives" }],
  ["torch._utils._rebuild_sparse_tensor", { message: "is sparse", hint: "save what its to_dense() gives" }],
  [
    "torch._utils._rebuild_nested_tensor",
    { message: "is nested", hint: "save its parts as tensors of their own" },
  ],
  [
    "torch._utils._rebuild_meta_tensor_no_storage",
    { message: 'is on the device "meta": it has a shape, but no numbers' },
  ],
  ["torch._utils._rebuild_wrapper_subclass", { message: "is of a class that wraps other tensors" }],
  ["torch._utils._rebuild_device_tensor_from_numpy", otherDevice()],
  ["torch._utils._rebuild_device_tensor_from_cpu_tensor", otherDevice()],
]);

function otherDevice(): Fault {
  return { message: "is of a device that saves in a form of its own", hint: "save what its cpu() gives" };
}

/** Full names of all functions that make tensors. */
export const tensorMakers: readonly string[] = [
  ...viewMakers.keys(),
  ...wrappers.keys(),
  ...otherMakers.keys(),
];

const tensorMakerNames: ReadonlySet<string> = new Set(tensorMakers);

/** Whether a value is a tensor of any kind. */
export function isTensor(value: PickleValue): value is Call {
  return value instanceof Call && tensorMakerNames.has(value.global.name);
}

/** The view of a storage that a tensor is, or why it is none. */
export function viewOf(tensor: Call): TensorView | Fault {
  // A parameter of a tensor with attributes is all that PyTorch writes.
  const inner = unwrap(unwrap(tensor));
  const name = inner instanceof Call ? inner.global.name : "";
  const other = otherMakers.get(name);
  if (other !== undefined) return other;
  const wanted = viewMakers.get(name);
  if (!(inner instanceof Call) || wanted === undefined)
    return { message: `is made by ${tensor.global.name}, but of no plain tensor` };
  const { args } = inner;
  const { least, most, typeAt, metadataAt } = wanted;
  const counts = least === most ? least : `${least} or ${most}`;
  if (args.length < least || args.length > most)
    return {
      message: `is made by ${name} with ${args.length} arguments, where ${counts} are needed`,
    };
  const [storage, offset, shape, strides] = args;
  return {
    storage: storage!,
    offset: offset!,
    shape: shape!,
    strides: strides!,
    type: typeAt === undefined ? undefined : args[typeAt],
    metadata: metadataAt === undefined ? undefined : args[metadataAt],
  };
}

/** What a wrapper adds to, or `value` itself. */
function unwrap(value: PickleValue | undefined): PickleValue | undefined {
  if (!(value instanceof Call)) return undefined;
  const wrapped = wrappers.get(value.global.name);
  return wrapped === undefined ? value : wrapped(value.args);
}

/** The tensor that a function makes of some arguments, before its class and attributes are set. */
function withAttributes([maker, type, args]: readonly PickleValue[]): PickleValue | undefined {
  const isPlain = type instanceof Global && type.name === "torch.Tensor";
  if (!isPlain || !(maker instanceof Global) || !(args instanceof Sequence)) return undefined;
  return new Call(maker, args.items);
}
