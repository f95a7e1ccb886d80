import { array, dtype, encoded, pdparams } from "../../test/support/numpy-pickles.ts";
import {
  build,
  byteArray,
  bytes,
  call,
  dict,
  emptyDict,
  fileOf,
  float,
  get,
  global,
  int,
  list,
  no,
  none,
  proto,
  put,
  stop,
  text,
  textLine,
  tuple,
  yes,
} from "../../test/support/pickle-writer.ts";
import type { Attack } from "./safetensors-attacks.ts";

/** Files whose value is no dict from names to arrays. */
const structures: readonly Attack[] = [
  file("empty-file", new Uint8Array(), "pdparams/structure"),
  file("git-lfs-pointer", fileOf("version https://git-lfs.example/spec/v1\n"), "pdparams/structure"),
  file("zip-archive", fileOf("PK\x03\x04".padEnd(100, "\0")), "pdparams/structure"),
  file("web-page", fileOf("<!doctype html>"), "pdparams/structure"),
  top("top-number", int(1)),
  top("top-none", none),
  top("top-array", array()),
  top("top-list", list(array())),
  top("top-named-array", call(global("builtins", "tuple"), tuple(text("a"), array()))),
  top("top-class", global("collections", "OrderedDict")),
  top(
    "top-ordered-dict-of-pairs",
    call(global("collections", "OrderedDict"), list(tuple(text("a"), array()))),
  ),
  top("empty-dict", emptyDict),
  top("no-array", dict([text("epoch"), int(1)], [text("LR_Scheduler"), emptyDict])),
  top("nested-only", dict([text("model"), dict([text("a"), array()])])),
  top("itself", "}q\0X\x01\0\0\0ah\0s"),
  top("slices", dict([text("UnpackBigParamInfor@@"), emptyDict], [text("a@@.0"), array()])),
  top("key-number", dict([int(1), array()])),
  top("key-none", dict([none, array()])),
  top("key-bytes", dict([bytes("a"), array()])),
  top("key-tuple", dict([tuple(), array()])),
  top("key-too-long", dict([text("a".repeat(4097)), array()])),
  top("key-of-line-too-long", dict([textLine("a".repeat(4097)), array()])),
];

/** Files with the same name twice. */
const duplicates: readonly Attack[] = [
  entries("name-twice", ["pdparams/duplicate-name"], ["a", array()], ["a", array()]),
  entries(
    "name-twice-without-array",
    ["pdparams/duplicate-name"],
    ["a", array()],
    ["a", none],
    ["b", array()],
  ),
  {
    name: "name-twice-in-two-ways",
    bytes: fileOf(`${proto(3)}${dict([text("a"), array()])}${textLine("\\u0061")}${array()}s${stop}`),
    problems: [{ code: "pdparams/duplicate-name", tensor: "a" }],
  },
  entries("proto-twice", ["pdparams/duplicate-name"], ["__proto__", array()], ["__proto__", array()]),
];

const reconstruct = global("numpy.core.multiarray", "_reconstruct");
const ndarray = global("numpy", "ndarray");
const numpyDType = global("numpy", "dtype");
const fromBuffer = global("numpy._core.numeric", "_frombuffer");
const zeros = (count: number): string => bytes("\0".repeat(count));

/** Files with an array `a` that is wrong. */
const arrays: readonly Attack[] = [
  wrong("data-one-short", array({ data: zeros(7) })),
  wrong("data-one-long", array({ data: zeros(9) })),
  wrong("data-absent", array({ data: none })),
  wrong("data-empty", array({ data: zeros(0) })),
  wrong("data-list", array({ data: list(int(0), int(0)) })),
  wrong("data-python-2", array({ data: `U\x08${"\0".repeat(8)}` })),
  wrong("data-out-of-band", array({ data: "\x97" })),
  wrong("data-out-of-band-read-only", call(fromBuffer, "\x97\x98", dtype("f4"), tuple(int(2)), text("C"))),
  wrong("text-too-short", array({ data: encoded(text("\0".repeat(7))) })),
  wrong("text-too-long", array({ data: encoded(text("ÿ".repeat(9))) })),
  wrong("text-line-too-short", array({ data: encoded(textLine("aaaaaaa")) })),
  wrong("text-line-too-long", array({ data: encoded(textLine("a".repeat(81))) })),
  wrong(
    "text-in-utf-16",
    array({ data: call(global("_codecs", "encode"), text("aaaaaaaa"), text("utf-16")) }),
  ),
  wrong(
    "text-in-quotes",
    array({ data: call(global("_codecs", "encode"), "S'\\n\\n\\n\\n'\n", text("latin1")) }),
  ),
  wrong("shape-negative", array({ shape: tuple(int(-2)) })),
  wrong("shape-negative-twice", array({ shape: tuple(int(-1), int(-2)) })),
  wrong("shape-2-53", array({ shape: tuple(int(2n ** 53n)) })),
  wrong("shape-2-64", array({ shape: tuple(int(2n ** 64n)) })),
  wrong("shape-product", array({ shape: tuple(int(2n ** 31n), int(2n ** 31n)) })),
  wrong(
    "shape-product-with-zero",
    array({ shape: tuple(int(2n ** 40n), int(2n ** 40n), int(0)), data: zeros(0) }),
  ),
  wrong("shape-bits", array({ shape: tuple(int(2n ** 52n)) })),
  wrong("shape-truth", array({ shape: tuple(yes, int(2)) })),
  wrong("shape-float", array({ shape: tuple(float(2)) })),
  wrong("shape-text", array({ shape: tuple(text("2")) })),
  wrong("shape-number", array({ shape: int(2) })),
  wrong("shape-none", array({ shape: none })),
  wrong("shape-nested", array({ shape: tuple(tuple(int(2))) })),
  wrong("shape-of-65-axes", array({ shape: tuple(...Array.from({ length: 65 }, () => int(1))) })),
  wrong("shape-of-itself", array({ shape: "]q\x09(h\x09e" })),
  wrong("fortran", array({ shape: tuple(int(2), int(2)), data: zeros(16), fortran: yes })),
  wrong("fortran-one", array({ shape: tuple(int(2), int(2)), data: zeros(16), fortran: int(1) })),
  wrong("fortran-none", array({ shape: tuple(int(2), int(2)), data: zeros(16), fortran: none })),
  wrong(
    "order-fortran",
    call(fromBuffer, byteArray("\0".repeat(16)), dtype("f4"), tuple(int(2), int(2)), text("F")),
  ),
  wrong(
    "order-of-axes",
    call(fromBuffer, byteArray("\0".repeat(8)), dtype("f4"), tuple(int(2)), text("K"), tuple()),
  ),
  wrong("order-absent", call(fromBuffer, byteArray("\0".repeat(8)), dtype("f4"), tuple(int(2)))),
  wrong("order-number", call(fromBuffer, byteArray("\0".repeat(8)), dtype("f4"), tuple(int(2)), int(0))),
  wrong("buffer-alone", call(fromBuffer, byteArray("\0".repeat(8)))),
  wrong("scalar-alone", call(global("numpy.core.multiarray", "scalar"), dtype("f4"))),
  wrong("scalar-too-long", call(global("numpy.core.multiarray", "scalar"), dtype("f4"), zeros(8))),
  wrong("array-without-state", call(reconstruct, ndarray, tuple(int(0)), bytes("b"))),
  wrong("array-of-other-class", build(call(reconstruct, numpyDType, tuple(int(0)), bytes("b")), tuple())),
  wrong("array-of-nothing", build(call(reconstruct), tuple())),
  wrong("state-short", build(call(reconstruct, ndarray), tuple(int(1), tuple(int(2)), dtype("f4"), no))),
  wrong(
    "state-long",
    build(call(reconstruct, ndarray), tuple(int(1), tuple(), dtype("f4"), no, zeros(4), no)),
  ),
];

/** Files with an array `a` whose elements are no numbers that a tensor can have. */
const types: readonly Attack[] = [
  wrong("dtype-big-endian", array({ dtype: dtype("f4", ">") })),
  wrong("dtype-order-absent-one", array({ dtype: dtype("f4", "|") })),
  wrong("dtype-order-unknown", array({ dtype: dtype("f4", "?") })),
  wrong("dtype-order-number", array({ dtype: build(call(numpyDType, text("f4")), tuple(int(3), int(1))) })),
  wrong("dtype-objects", array({ dtype: dtype("O8", "|") })),
  wrong("dtype-records", array({ dtype: dtype("V8", "|") })),
  wrong("dtype-strings", array({ dtype: dtype("U1") })),
  wrong("dtype-bytes", array({ dtype: dtype("S4", "|") })),
  wrong("dtype-dates", array({ dtype: dtype("M8") })),
  wrong("dtype-complex128", array({ dtype: dtype("c16") })),
  wrong("dtype-longdouble", array({ dtype: dtype("f16") })),
  wrong("dtype-inherited", array({ dtype: dtype("constructor") })),
  wrong("dtype-empty", array({ dtype: dtype("") })),
  wrong("dtype-nameless", array({ dtype: call(numpyDType) })),
  wrong("dtype-text", array({ dtype: text("f4") })),
  wrong("dtype-class", array({ dtype: numpyDType })),
  wrong("dtype-array", array({ dtype: array() })),
  wrong("dtype-with-fields", array({ dtype: partsOf(none, tuple(text("x")), emptyDict) })),
  wrong("dtype-with-subarray", array({ dtype: partsOf(tuple(dtype("f4"), tuple(int(2))), none, none) })),
  wrong("dtype-two-lies", array({ dtype: dtype("f8") })),
];

/** Everything wrong at once: all of it is reported. */
const many: readonly Attack[] = [
  {
    name: "all-at-once",
    bytes: pdparams(
      ["a", array({ data: zeros(1) })],
      ["b", array()],
      ["b", array()],
      ["c", array({ dtype: dtype("O8", "|") })],
    ),
    problems: [
      { code: "pdparams/array", tensor: "a" },
      { code: "pdparams/duplicate-name", tensor: "b" },
      { code: "pdparams/array", tensor: "c" },
    ],
  },
];

/** Files that are fine pickles, and no models. */
export const pdparamsAttacks: readonly Attack[] = [
  ...structures,
  ...duplicates,
  ...arrays,
  ...types,
  ...many,
];

function file(name: string, bytes: Uint8Array, code: string): Attack {
  return { name, bytes, problems: [{ code }] };
}

/** A file that holds the value of `opcodes`, which is no state dict. */
function top(name: string, opcodes: string): Attack {
  return file(name, fileOf(proto(3) + opcodes + stop), "pdparams/structure");
}

/** A file with these entries, whose first name is at fault once for each code. */
function entries(
  name: string,
  codes: readonly string[],
  ...pairs: readonly (readonly [name: string, value: string])[]
): Attack {
  return { name, bytes: pdparams(...pairs), problems: codes.map((code) => ({ code, tensor: pairs[0]![0] })) };
}

/** A file whose array `a` is wrong, beside another one that is not. */
function wrong(name: string, opcodes: string): Attack {
  return entries(name, ["pdparams/array"], ["a", opcodes], ["good", array()]);
}

function partsOf(subarray: string, names: string, fields: string): string {
  const object = call(numpyDType, text("f4"), no, yes);
  return build(object, tuple(int(3), put(text("<"), 7), subarray, names, fields, get(7)));
}
