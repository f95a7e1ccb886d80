import { dtypes, isDType } from "../../dtype.ts";
import type { DType } from "../../dtype.ts";
import { describeJson, shorten } from "../describe-json.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ProblemList } from "../problem-list.ts";
import { tensorSize } from "../tensor-size.ts";

/** The bytes of a tensor, counted from the first byte after the header. */
export interface DataSpan {
  readonly name: string;
  readonly begin: number;
  /** One past the last byte. */
  readonly end: number;
}

/** A tensor's entry in a header, its own rules checked; how spans fit together is not. */
export interface HeaderEntry extends DataSpan {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

const entryKeys = ["dtype", "shape", "data_offsets"] as const;

/**
 * The entry of tensor `name`; only its span when that much could be read, undefined when nothing could. What is
 * wrong with it goes into `problems`.
 */
export function readEntry(
  name: string,
  value: JsonValue,
  problems: ProblemList,
): HeaderEntry | DataSpan | undefined {
  if (!(value instanceof Map)) {
    const message = `its entry is ${describeJson(value)}, where an object is needed`;
    problems.add({ code: "safetensors/entry", tensor: name, message });
    return undefined;
  }
  if (!hasExactKeys(name, value, problems)) return undefined;
  const dtype = readDType(name, value.get("dtype"), problems);
  const shape = readShape(name, value.get("shape"), problems);
  const span = readSpan(name, value.get("data_offsets"), problems);
  if (dtype === undefined || shape === undefined) return span;
  const fits = checkSize(name, dtype, shape, span, problems);
  if (!fits || span === undefined) return span;
  return { name, begin: span.begin, end: span.end, dtype, shape };
}

function hasExactKeys(name: string, entry: JsonObject, problems: ProblemList): boolean {
  if (entry.size === entryKeys.length && entryKeys.every((key) => entry.has(key))) return true;
  const missing = entryKeys.filter((key) => !entry.has(key));
  const extra = [...entry.keys()].filter((key) => !entryKeys.some((known) => known === key));
  const lacks = missing.length === 0 ? [] : [`lacks ${missing.join(", ")}`];
  const has = extra.length === 0 ? [] : [`has the unknown ${shorten(extra.join(", "))}`];
  const message = `its entry ${[...lacks, ...has].join(" and ")}: it must have ${entryKeys.join(", ")} and nothing else`;
  problems.add({ code: "safetensors/entry", tensor: name, message });
  return false;
}

function readDType(name: string, value: JsonValue | undefined, problems: ProblemList): DType | undefined {
  if (typeof value === "string" && isDType(value)) return value;
  problems.add({
    code: "safetensors/dtype",
    tensor: name,
    message: `dtype is ${describeJson(value)}, which is none of the types known`,
    hint: `known types: ${dtypes.join(", ")}`,
  });
  return undefined;
}

/** Axes of one tensor: neither NumPy nor PyTorch can hold more. Source: `NPY_MAXDIMS` of NumPy 2. */
const maxAxes = 64;

function readShape(
  name: string,
  value: JsonValue | undefined,
  problems: ProblemList,
): readonly number[] | undefined {
  if (isCounts(value) && value.length <= maxAxes) return value;
  const message = isCounts(value)
    ? `shape has ${value.length} axes, where at most ${maxAxes} are allowed`
    : `shape is ${describeJson(value)}, where an array of whole numbers from 0 to 2^53 - 1 is needed`;
  problems.add({ code: "safetensors/shape", tensor: name, message });
  return undefined;
}

function readSpan(name: string, value: JsonValue | undefined, problems: ProblemList): DataSpan | undefined {
  const [begin, end] = isCounts(value) && value.length === 2 ? value : [];
  if (begin === undefined || end === undefined) {
    const message = `data_offsets is ${describeJson(value)}, where [begin, end] in whole bytes is needed`;
    problems.add({ code: "safetensors/span", tensor: name, message });
    return undefined;
  }
  if (begin > end) {
    const message = `data_offsets begin at ${begin}, after their end at ${end}`;
    problems.add({ code: "safetensors/span", tensor: name, message });
    return undefined;
  }
  return { name, begin, end };
}

/** Whether a tensor of this type and shape exists and takes exactly the bytes of its span. */
function checkSize(
  name: string,
  dtype: DType,
  shape: readonly number[],
  span: DataSpan | undefined,
  problems: ProblemList,
): boolean {
  const size = tensorSize(dtype, shape);
  if ("fault" in size) {
    const message = `${dtype} of shape ${describeJson(shape)} ${size.fault}`;
    problems.add({ code: "safetensors/shape", tensor: name, message });
    return false;
  }
  if (span === undefined || span.end - span.begin === size.bytes) return true;
  const found = `data_offsets [${span.begin}, ${span.end}] hold ${span.end - span.begin} bytes`;
  const message = `${found}, but ${dtype} of shape ${describeJson(shape)} takes ${size.bytes}`;
  problems.add({ code: "safetensors/span", tensor: name, message });
  return false;
}

/** Whether `value` is an array of non-negative safe integers, all that `parseJson` gives as numbers. */
function isCounts(value: JsonValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
