import { byteEntry, entryOf, fileOf, fileWithLength } from "./safetensors-bytes.ts";

/** A problem that an attack must be refused with. */
export interface ExpectedProblem {
  readonly code: string;
  readonly tensor?: string;
}

/** A file, and all that is wrong with it, in the order in which it is reported. */
export interface Attack {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly problems: readonly ExpectedProblem[];
}

const empty = new Uint8Array();
const object = new TextEncoder().encode("{}");

/** Attacks on the frame of a file: its length, the length field, the text of the header. */
const frames: readonly Attack[] = [
  attack("no-bytes", empty, "safetensors/too-short"),
  attack("four-bytes", new Uint8Array(4), "safetensors/too-short"),
  attack("length-2-63", fileWithLength(2n ** 63n, object, 0), "safetensors/header-length"),
  attack("length-2-64", fileWithLength(2n ** 64n - 1n, object, 0), "safetensors/header-length"),
  attack("length-over-limit", fileWithLength(100_000_001n, object, 0), "safetensors/header-length"),
  attack("length-at-limit", fileWithLength(100_000_000n, object, 0), "safetensors/header-length"),
  attack("length-only", fileWithLength(2n, empty, 0), "safetensors/header-length"),
  attack("length-one-too-many", fileWithLength(3n, object, 0), "safetensors/header-length"),
  attack("git-lfs-pointer", text("version https://git-lfs.example/spec/v1\n"), "safetensors/header-length"),
  attack("header-empty", fileWithLength(0n, empty, 0), "safetensors/header-json"),
  attack("utf8-invalid", fileOf(latin1('{"\xff":1}'), 0), "safetensors/header-encoding"),
  attack("utf8-overlong", fileOf(latin1('{"\xc0\xaf":1}'), 0), "safetensors/header-encoding"),
  attack("utf8-surrogate", fileOf(latin1('{"\xed\xa0\x80":1}'), 0), "safetensors/header-encoding"),
  attack("byte-order-mark", fileOf("\ufeff{}", 0), "safetensors/header-json"),
  attack("blank-first", fileOf(" {}", 0), "safetensors/header-json"),
  attack("array", fileOf("[]", 0), "safetensors/header-json"),
  attack("trailing-text", fileOf("{}{}", 0), "safetensors/header-json"),
  attack("trailing-nul", fileOf("{}\0", 0), "safetensors/header-json"),
  attack("unterminated", fileOf(`{${byteEntry("a", 0, 1)}`, 1), "safetensors/header-json"),
  attack("comma-last", fileOf(`{${byteEntry("a", 0, 1)},}`, 1), "safetensors/header-json"),
  attack("comment", fileOf("{}/* */", 0), "safetensors/header-json"),
  attack("single-quotes", fileOf("{'a':1}", 0), "safetensors/header-json"),
  attack("line-feed-in-name", fileOf('{"a\n":1}', 0), "safetensors/header-json"),
  attack("deep-arrays", fileOf(`{"a":${"[".repeat(20_000)}`, 0), "safetensors/header-json"),
  attack("deep-objects", fileOf('{"a":'.repeat(10_000), 0), "safetensors/header-json"),
  attack("surrogate-alone", fileOf('{"\\ud800":1}', 0), "safetensors/header-json"),
  attack("surrogates-swapped", fileOf('{"\\ude00\\ud83d":1}', 0), "safetensors/header-json"),
  attack("not-a-number", fileOf(`{${entryOf("a", '"U8"', "[NaN]", "[0,1]")}}`, 1), "safetensors/header-json"),
  attack("leading-zero", fileOf(`{${entryOf("a", '"U8"', "[01]", "[0,1]")}}`, 1), "safetensors/header-json"),
  attack("plus-sign", fileOf(`{${entryOf("a", '"U8"', "[+1]", "[0,1]")}}`, 1), "safetensors/header-json"),
];

/** Attacks on names: twice the same, or one that is no tensor's. */
const names: readonly Attack[] = [
  on("a", "tensor-twice", [byteEntry("a", 0, 4), byteEntry("a", 4, 8)], 8, ["duplicate-name"]),
  on("a", "tensor-twice-escaped", [byteEntry("a", 0, 4), '"\\u0061":0'], 4, ["duplicate-name"]),
  on("__proto__", "proto-twice", [byteEntry("__proto__", 0, 4), '"__proto__":0'], 4, ["duplicate-name"]),
  on("a", "key-twice", ['"a":{"dtype":"U8","shape":[1],"dtype":"I8","data_offsets":[0,1]}'], 1, [
    "duplicate-name",
  ]),
  on("__metadata__", "metadata-twice", ['"__metadata__":{}', '"__metadata__":{}'], 0, ["duplicate-name"]),
  file("metadata-array", ['"__metadata__":[]'], 0, "safetensors/metadata"),
  file("metadata-null", ['"__metadata__":null'], 0, "safetensors/metadata"),
  file("metadata-number", ['"__metadata__":{"a":"b","c":1}'], 0, "safetensors/metadata"),
  file("metadata-nested", ['"__metadata__":{"a":{}}'], 0, "safetensors/metadata"),
  file("metadata-tensor", [byteEntry("__metadata__", 0, 4)], 4, "safetensors/metadata"),
];

/** Attacks on one entry. */
const entries: readonly Attack[] = [
  entry("entry-null", '"a":null', 1, "entry"),
  entry("entry-array", '"a":["U8",[1],[0,1]]', 1, "entry"),
  entry("key-missing", '"a":{"dtype":"U8","shape":[1]}', 1, "entry"),
  entry("key-extra", '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"strides":[1]}', 1, "entry"),
  entry("key-proto", '"a":{"dtype":"U8","shape":[1],"__proto__":{"data_offsets":[0,1]}}', 1, "entry"),
  entry("dtype-unknown", entryOf("a", '"F31"', "[1]", "[0,4]"), 4, "dtype"),
  entry("dtype-lower-case", entryOf("a", '"f32"', "[1]", "[0,4]"), 4, "dtype"),
  entry("dtype-inherited", entryOf("a", '"constructor"', "[1]", "[0,4]"), 4, "dtype"),
  entry("dtype-number", entryOf("a", "32", "[1]", "[0,4]"), 4, "dtype"),
  entry("shape-negative", entryOf("a", '"U8"', "[-1]", "[0,1]"), 1, "shape"),
  entry("shape-minus-zero", entryOf("a", '"U8"', "[-0]", "[0,0]"), 0, "shape"),
  entry("shape-two-negatives", entryOf("a", '"U8"', "[-2,-2]", "[0,4]"), 4, "shape"),
  entry("shape-fraction", entryOf("a", '"U8"', "[1.5]", "[0,1]"), 1, "shape"),
  entry("shape-exponent", entryOf("a", '"U8"', "[1e3]", "[0,1000]"), 1000, "shape"),
  entry("shape-point-zero", entryOf("a", '"U8"', "[1.0]", "[0,1]"), 1, "shape"),
  entry("shape-text", entryOf("a", '"U8"', '["1"]', "[0,1]"), 1, "shape"),
  entry("shape-nested", entryOf("a", '"U8"', "[[1]]", "[0,1]"), 1, "shape"),
  entry("shape-number", entryOf("a", '"U8"', "1", "[0,1]"), 1, "shape"),
  entry("shape-2-53", entryOf("a", '"U8"', "[9007199254740992]", "[0,1]"), 1, "shape"),
  entry("shape-2-64", entryOf("a", '"U8"', "[18446744073709551616]", "[0,0]"), 0, "shape"),
  entry("shape-product", entryOf("a", '"U8"', "[4294967296,4294967296]", "[0,0]"), 0, "shape"),
  entry("shape-product-times-0", entryOf("a", '"U8"', "[4294967296,4294967296,0]", "[0,0]"), 0, "shape"),
  entry("shape-bits", entryOf("a", '"F64"', "[9007199254740991]", "[0,0]"), 0, "shape"),
  entry("half-a-byte", entryOf("a", '"F4"', "[3]", "[0,1]"), 1, "shape"),
  entry("six-bits", entryOf("a", '"F6_E2M3"', "[1]", "[0,1]"), 1, "shape"),
  entry("offsets-one", entryOf("a", '"U8"', "[1]", "[0]"), 1, "span"),
  entry("offsets-three", entryOf("a", '"U8"', "[1]", "[0,1,1]"), 1, "span"),
  entry("offsets-negative", entryOf("a", '"U8"', "[2]", "[-1,1]"), 1, "span"),
  entry("offsets-2-53", entryOf("a", '"U8"', "[1]", "[9007199254740992,9007199254740993]"), 1, "span"),
  entry("offsets-text", entryOf("a", '"U8"', "[1]", '["0","1"]'), 1, "span"),
  entry("begin-after-end", entryOf("a", '"U8"', "[1]", "[1,0]"), 1, "span"),
  entry("span-too-long", entryOf("a", '"F32"', "[2]", "[0,12]"), 12, "span"),
  entry("span-too-short", entryOf("a", '"F32"', "[2]", "[0,4]"), 4, "span"),
  entry("span-empty", entryOf("a", '"F32"', "[]", "[0,0]"), 0, "span"),
];

/** Attacks on how the spans of a file fit together. */
const spans: readonly Attack[] = [
  on("b", "overlap", [byteEntry("a", 0, 4), byteEntry("b", 2, 6)], 6, ["overlap"]),
  on("b", "overlap-header-order", [byteEntry("b", 2, 6), byteEntry("a", 0, 4)], 6, ["overlap"]),
  on("b", "same-bytes", [byteEntry("a", 0, 4), byteEntry("b", 0, 4)], 4, ["overlap"]),
  on("b", "inside-another", [byteEntry("a", 0, 8), byteEntry("b", 2, 4)], 8, ["overlap"]),
  on("b", "nothing-inside-another", [byteEntry("a", 0, 8), byteEntry("b", 4, 4)], 8, ["overlap"]),
  on("a", "gap-first", [byteEntry("a", 1, 4)], 4, ["gap"]),
  on("b", "gap", [byteEntry("a", 0, 2), byteEntry("b", 3, 4)], 4, ["gap"]),
  on("a", "gap-before-nothing", [byteEntry("a", 1, 1)], 1, ["gap"]),
  on("b", "truncated", [byteEntry("a", 0, 2), byteEntry("b", 2, 8)], 7, ["file-end"]),
  on("a", "truncated-to-nothing", [byteEntry("a", 0, 8)], 0, ["file-end"]),
  on("a", "ends-at-2-53", [byteEntry("a", 0, 2 ** 50 - 1)], 8, ["file-end"]),
  file("bytes-left", [byteEntry("a", 0, 2)], 3, "safetensors/file-end"),
  file("bytes-without-tensors", [], 1, "safetensors/file-end"),
];

/** Many things wrong in one file: all are listed at once. */
const several: readonly Attack[] = [
  {
    name: "several.safetensors",
    bytes: fileOf(
      `{${entryOf("a", '"F31"', "[1]", "[0,4]")},${entryOf("b", '"F32"', "[-1]", "[4,8]")},${byteEntry("c", 6, 9)}}`,
      8,
    ),
    problems: [
      { code: "safetensors/dtype", tensor: "a" },
      { code: "safetensors/shape", tensor: "b" },
      { code: "safetensors/overlap", tensor: "c" },
      { code: "safetensors/file-end", tensor: "c" },
    ],
  },
];

export const attacks: readonly Attack[] = [...frames, ...names, ...entries, ...spans, ...several];

function attack(name: string, bytes: Uint8Array, ...codes: readonly string[]): Attack {
  return { name: `${name}.safetensors`, bytes, problems: codes.map((code) => ({ code })) };
}

/** An attack by a header of these members that no single tensor is to blame for. */
function file(
  name: string,
  members: readonly string[],
  dataBytes: number,
  ...codes: readonly string[]
): Attack {
  return attack(name, fileOf(`{${members.join(",")}}`, dataBytes), ...codes);
}

/** An attack that `tensor` is to blame for, with codes below `safetensors/`. */
function on(
  tensor: string,
  name: string,
  members: readonly string[],
  dataBytes: number,
  codes: readonly string[],
): Attack {
  const problems = codes.map((code) => ({ code: `safetensors/${code}`, tensor }));
  return { ...file(name, members, dataBytes), problems };
}

function entry(name: string, member: string, dataBytes: number, code: string): Attack {
  return on("a", name, [member], dataBytes, [code]);
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function latin1(content: string): Uint8Array {
  return Uint8Array.from(content, (character) => character.charCodeAt(0));
}
