import type { DType } from "../../dtype.ts";
import { shorten } from "../describe-json.ts";
import { describeValue } from "./describe-value.ts";
import { Call, Sequence } from "./values.ts";
import type { PickleValue } from "./values.ts";

/** An element type, or why there is none, as what an array "has". */
export type ReadDType = { readonly dtype: DType } | { readonly fault: string };

/** NumPy's names of element types, the bytes of one element included. Source: numpy.org/doc, "Array interface". */
const types: ReadonlyMap<string, DType> = new Map([
  ["f8", "F64"],
  ["f4", "F32"],
  ["f2", "F16"],
  // NumPy has no bfloat16. Paddle stores it as the integers with its bits, and has no such integers itself.
  ["u2", "BF16"],
  ["i8", "I64"],
  ["i4", "I32"],
  ["i2", "I16"],
  ["i1", "I8"],
  ["u8", "U64"],
  ["u4", "U32"],
  ["u1", "U8"],
  ["b1", "BOOL"],
  ["c8", "C64"],
]);

/** What NumPy's other types are, by the first letter of their names. */
const others: ReadonlyMap<string, string> = new Map([
  ["O", "Python objects"],
  ["V", "records"],
  ["S", "strings"],
  ["U", "strings"],
  ["M", "dates"],
  ["m", "times"],
  ["f", "floating-point numbers of that many bytes"],
  ["c", "complex numbers of that many bytes"],
]);

/** The element type that a `numpy.dtype` object means. */
export function readDType(value: PickleValue): ReadDType {
  if (!(value instanceof Call) || value.global.name !== "numpy.dtype") {
    return { fault: `the element type ${describeValue(value)}, where a numpy.dtype is needed` };
  }
  const [name] = value.args;
  if (typeof name !== "string") return { fault: "an element type without a name" };
  const state = value.state instanceof Sequence ? value.state.items : [];
  // Version, byte order, then what the elements consist of when they are no numbers. Without a state, the order is
  // that of the machine, which is little-endian wherever such files are written.
  const [, order = "=", ...parts] = state;
  const dtype = types.get(name);
  if (dtype === undefined) return { fault: `elements of type ${quoted(name)}${explanationOf(name)}` };
  if (parts.slice(0, 3).some((part) => part !== null)) return { fault: "elements with parts of their own" };
  const isByte = name.endsWith("1");
  if (order === "<" || order === "=" || (isByte && (order === "|" || order === ">"))) return { dtype };
  if (order === ">") return { fault: `elements of type ${quoted(`>${name}`)}, which are big-endian` };
  return { fault: `the byte order ${describeValue(order)}, where "<" is needed` };
}

function quoted(name: string): string {
  return JSON.stringify(shorten(name));
}

function explanationOf(name: string): string {
  const what = others.get(name[0] ?? "");
  return what === undefined ? ", which is unknown" : ` (${what}), which no tensor can hold`;
}
