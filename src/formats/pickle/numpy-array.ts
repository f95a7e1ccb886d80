import type { DType } from "../../dtype.ts";
import type { TextEscape } from "../checkpoint.ts";
import { tensorSize } from "../tensor-size.ts";
import { describeValue } from "./describe-value.ts";
import { readDType } from "./numpy-dtype.ts";
import { Call, Extent, Global, OutOfBand, Sequence } from "./values.ts";
import type { PickleValue } from "./values.ts";

/** A NumPy array, or a single number, that can be read row by row as it lies in the file. */
export interface NumpyArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Length of the data in bytes; where it is text, after decoding. */
  readonly bytes: number;
  readonly data: Extent;
}

/** Why an array cannot be read, as a sentence whose subject is the array. */
export interface ArrayFault {
  readonly fault: string;
  readonly hint?: string;
}

/** The globals that pickled arrays name; NumPy 2 has renamed `numpy.core` to `numpy._core`. */
export const numpyGlobals: readonly string[] = [
  "numpy.ndarray",
  "numpy.dtype",
  ...["numpy.core", "numpy._core"].flatMap((core) => [
    `${core}.multiarray._reconstruct`,
    `${core}.multiarray.scalar`,
    `${core}.numeric._frombuffer`,
  ]),
];

/** The array that `value` is, or why it cannot be read; undefined when it is none. */
export function readArray(value: PickleValue): NumpyArray | ArrayFault | undefined {
  if (!(value instanceof Call)) return undefined;
  const name = value.global.name.replace(/^numpy\._?core\./, "");
  const parts = forms.get(name)?.(value);
  return parts === undefined || "fault" in parts ? parts : arrayOf(parts);
}

/** What a pickled array says about itself, as it stands there. */
interface ArrayParts {
  readonly shape: PickleValue;
  readonly dtype: PickleValue;
  /** Whether the first axis is the one whose elements lie next to each other. */
  readonly fortran: PickleValue;
  readonly data: PickleValue;
}

/** How arrays are pickled. Source: numpy/_core/src/multiarray/methods.c, `array_reduce` and `array_reduce_ex`. */
const forms: ReadonlyMap<string, (call: Call) => ArrayParts | ArrayFault> = new Map([
  ["multiarray._reconstruct", reconstructed],
  ["multiarray.scalar", scalar],
  ["numeric._frombuffer", fromBuffer],
]);

/** An empty array of the class `args[0]`, and all of it in its state: version, shape, type, Fortran order, data. */
function reconstructed({ args, state }: Call): ArrayParts | ArrayFault {
  const [type] = args;
  const isArray = type instanceof Global && type.name === "numpy.ndarray";
  if (!isArray || !(state instanceof Sequence)) return { fault: "is an array without contents" };
  const [, shape, dtype, fortran, data, ...rest] = state.items;
  if (shape === undefined || dtype === undefined || fortran === undefined || data === undefined) {
    return { fault: `has a state of ${state.items.length} values, where 5 are needed` };
  }
  if (rest.length > 0) return { fault: `has a state of ${state.items.length} values, where 5 are needed` };
  return { shape, dtype, fortran, data };
}

/** A single number: type, data. */
function scalar({ args }: Call): ArrayParts | ArrayFault {
  const [dtype, data] = args;
  if (dtype === undefined || data === undefined) return { fault: "is a number without a value" };
  return { shape: new Sequence([]), dtype, fortran: false, data };
}

/** An array of protocol 5: data, type, shape, order of the elements. */
function fromBuffer({ args }: Call): ArrayParts | ArrayFault {
  const [data, dtype, shape, order] = args;
  if (data === undefined || dtype === undefined || shape === undefined) {
    return { fault: "is an array without contents" };
  }
  if (order === "C" || order === "F") return { shape, dtype, fortran: order === "F", data };
  const found = order === undefined ? "absent" : describeValue(order);
  return { fault: `has its elements in an order that is ${found}, where "C" is needed`, hint: rowsHint };
}

const rowsHint = "save it again row by row, as numpy.ascontiguousarray makes it";

function arrayOf(parts: ArrayParts): NumpyArray | ArrayFault {
  const type = readDType(parts.dtype);
  if ("fault" in type) return { fault: `has ${type.fault}`, hint: "save it again in another type" };
  const { dtype } = type;
  const shape = readShape(parts.shape);
  if ("fault" in shape) return shape;
  const what = `${dtype} of shape [${shape.join(", ")}]`;
  const size = tensorSize(dtype, shape);
  if ("fault" in size) return { fault: `is ${what}, which ${size.fault}` };
  if (hasOtherOrder(parts.fortran, shape)) {
    return { fault: `is ${what} stored column by column (Fortran order)`, hint: rowsHint };
  }
  const data = readData(parts.data, size.bytes, what);
  return "fault" in data ? data : { dtype, shape, bytes: size.bytes, data };
}

/** Axes of one array. Source: `NPY_MAXDIMS` of NumPy 2. */
const maxAxes = 64;

function readShape(value: PickleValue): readonly number[] | ArrayFault {
  if (!(value instanceof Sequence))
    return { fault: `has the shape ${describeValue(value)}, where a tuple is needed` };
  if (value.items.length > maxAxes) {
    return { fault: `has ${value.items.length} axes, where at most ${maxAxes} are allowed` };
  }
  const wrong = value.items.find((item) => !isLength(item));
  if (wrong === undefined) return value.items.filter(isLength);
  return {
    fault: `has an axis of ${describeValue(wrong)}, where whole numbers from 0 to 2^53 - 1 are needed`,
  };
}

function isLength(value: PickleValue): value is number {
  return typeof value === "number" && value >= 0;
}

/** Whether columns come first in the file; with one axis longer than 1, or none, there is only one order. */
function hasOtherOrder(fortran: PickleValue, shape: readonly number[]): boolean {
  return fortran !== false && fortran !== 0 && shape.filter((length) => length > 1).length > 1;
}

/** Bytes of text that stand for one byte of data, at most. */
const maxTextPerByte: Readonly<Record<TextEscape, number>> = {
  "utf-8": 2,
  // \U000000ff, which is allowed though nobody writes it.
  "raw-unicode-escape": 10,
};

/** The data, which must be as long as `what`, of `bytes` bytes, needs. */
function readData(data: PickleValue, bytes: number, what: string): Extent | ArrayFault {
  if (data instanceof OutOfBand) {
    return { fault: "has its data in a buffer that was pickled apart from the file" };
  }
  if (typeof data === "string") {
    return { fault: "has its data in a string of Python 2", hint: "load it with Python 3 and save it again" };
  }
  if (!(data instanceof Extent)) {
    return { fault: `has ${describeValue(data)} for its data, where bytes are needed` };
  }
  if (data.escape === undefined) {
    if (data.bytes === bytes) return data;
    return { fault: `has ${data.bytes} bytes of data, but ${what} takes ${bytes}` };
  }
  // How many bytes a text stands for is known only when it is decoded, which checks it again.
  if (data.bytes >= bytes && data.bytes <= bytes * maxTextPerByte[data.escape]) return data;
  return { fault: `has ${data.bytes} bytes of text for its data, which cannot give the ${bytes} of ${what}` };
}
