import type { TensorInfo } from "../checkpoint.ts";
import { shorten } from "../describe-json.ts";
import { describeValue } from "../pickle/describe-value.ts";
import { readArray } from "../pickle/numpy-array.ts";
import type { NumpyArray } from "../pickle/numpy-array.ts";
import { maxTextBytes } from "../pickle/reader.ts";
import { Call, Dictionary, Extent, Sequence } from "../pickle/values.ts";
import type { PickleValue } from "../pickle/values.ts";
import type { ProblemList } from "../problem-list.ts";

/** The tensors of a file, and what was left out. */
export interface StateDict {
  /** In the order of the dict; names are unique. */
  readonly tensors: readonly TensorInfo[];
  readonly notices: readonly string[];
}

/** The dict may be of this class. */
export const stateDictGlobal = "collections.OrderedDict";

/** How Paddle pickles a tensor outside of a layer's own dict: `tuple((name, array))`. */
export const namedArrayGlobals: readonly string[] = ["builtins.tuple", "__builtin__.tuple"];

/** A key that Paddle adds: the names that its tensors have inside the program. */
const internalNamesKey = "StructuredToParameterName@@";

/** A key that Paddle adds when it has cut arrays up, which it does above 2^30 bytes under the protocols 2 and 3. */
const slicesKey = "UnpackBigParamInfor@@";

/**
 * The arrays of the dict that a .pdparams file holds, or undefined when something is wrong: then `problems` says what.
 * Values that are no arrays, such as a scheduler's settings, are left out with a notice.
 */
export function readStateDict(
  value: PickleValue,
  file: string,
  problems: ProblemList,
): StateDict | undefined {
  const pairs = pairsOf(value);
  if (pairs === undefined) {
    const message = `holds ${describeValue(value)}, where a dict from names to arrays is needed`;
    problems.add({ code: "pdparams/structure", message, hint: "save the model's state_dict()" });
    return undefined;
  }
  const tensors: TensorInfo[] = [];
  const leftOut: string[] = [];
  const names = new Set<string>();
  for (const [key, entry] of pairs) {
    const name = readName(key, problems);
    if (name === undefined || name === internalNamesKey) continue;
    if (names.has(name)) {
      problems.add({
        code: "pdparams/duplicate-name",
        tensor: name,
        message: "it appears twice in the file",
      });
      continue;
    }
    names.add(name);
    const array = readArray(withoutName(entry));
    if (name === slicesKey) addSlices(problems);
    else if (array === undefined) leftOut.push(name);
    else if ("fault" in array) addArrayFault(name, array, problems);
    else tensors.push({ name, file, ...placeOf(array) });
  }
  if (problems.all().length > 0) return undefined;
  if (tensors.length > 0) return { tensors, notices: leftOutNotices(file, leftOut) };
  const others = leftOut.length === 0 ? "" : `; there are ${list(leftOut)}`;
  problems.add({ code: "pdparams/structure", message: `holds no array${others}` });
  return undefined;
}

function pairsOf(value: PickleValue): Dictionary["pairs"] | undefined {
  if (value instanceof Dictionary) return value.pairs;
  const isOrdered = value instanceof Call && value.global.name === stateDictGlobal && value.args.length === 0;
  return isOrdered ? value.pairs : undefined;
}

function readName(key: PickleValue, problems: ProblemList): string | undefined {
  if (typeof key === "string") return key;
  const isLong = key instanceof Extent && key.escape !== undefined;
  const message = isLong
    ? `a name takes ${key.bytes} bytes, where at most ${maxTextBytes} are allowed`
    : `a key of its dict is ${describeValue(key)}, where a name is needed`;
  problems.add({ code: "pdparams/structure", message });
  return undefined;
}

/** The array of a pair of name and array; all else as it is. */
function withoutName(value: PickleValue): PickleValue {
  if (!(value instanceof Call) || !namedArrayGlobals.includes(value.global.name)) return value;
  const [pair] = value.args;
  return (pair instanceof Sequence ? pair.items[1] : undefined) ?? value;
}

function placeOf({ dtype, shape, bytes, data }: NumpyArray): Omit<TensorInfo, "name" | "file"> {
  if (data.escape === undefined) return { dtype, shape, offset: data.offset, bytes };
  const text = { offset: data.offset, bytes: data.bytes, escape: data.escape };
  return { dtype, shape, offset: 0, bytes, text };
}

function addArrayFault(
  tensor: string,
  { fault, hint }: { readonly fault: string; readonly hint?: string },
  problems: ProblemList,
): void {
  problems.add({ code: "pdparams/array", tensor, message: fault, ...(hint !== undefined && { hint }) });
}

function addSlices(problems: ProblemList): void {
  problems.add({
    code: "pdparams/structure",
    message: `has arrays that Paddle cut into slices (${slicesKey}), which are not put together`,
    hint: "load it with Paddle and save it again with paddle.save(…, protocol=4)",
  });
}

function leftOutNotices(file: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${file}: left out, because no array: ${list(names)}`];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => JSON.stringify(shorten(name)));
  return `${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`;
}
