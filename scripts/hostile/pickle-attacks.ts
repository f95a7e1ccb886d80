import {
  build,
  call,
  dict,
  emptyDict,
  fileOf,
  get,
  global,
  int,
  littleEndian,
  list,
  mark,
  none,
  proto,
  put,
  shortText,
  stackGlobal,
  stop,
  text,
  textLine,
  tuple,
} from "../../test/support/pickle-writer.ts";
import { array } from "../../test/support/numpy-pickles.ts";
import type { Attack } from "./safetensors-attacks.ts";

const system = global("os", "system");
const command = text("echo harm");
const orderedDict = global("collections", "OrderedDict");

/** Pickles that ask Python to run something, in every way there is. */
const calls: readonly Attack[] = [
  attack("call-global", call(system, command), "global"),
  attack("call-posix", call(global("posix", "system"), command), "global"),
  attack("call-nt", call(global("nt", "system"), command), "global"),
  attack("call-eval", call(global("builtins", "eval"), command), "global"),
  attack("call-eval-python-2", call(global("__builtin__", "eval"), command), "global"),
  attack("call-getattr", call(global("builtins", "getattr"), emptyDict, text("__class__")), "global"),
  attack("call-import", call(global("builtins", "__import__"), text("os")), "global"),
  attack("call-subprocess", call(global("subprocess", "Popen"), command), "global"),
  attack("call-stack-global", call(stackGlobal("os", "system"), command), "global"),
  attack("call-dotted-name", call(stackGlobal("numpy", "core.os.system"), command), "global"),
  attack("call-dotted-module", call(global("numpy.testing._private.utils", "runstring"), command), "global"),
  attack("call-torch-load", call(global("torch", "load"), command), "global"),
  attack("call-name-of-attribute", call(global("numpy.ndarray", "tofile"), command), "global"),
  attack("call-inherited-name", call(global("__proto__", "constructor"), command), "global"),
  attack("call-empty-name", call(global("", ""), command), "global"),
  attack(
    "call-memoised",
    put(shortText("os"), 0) + put(shortText("system"), 1) + "00h\0h\x01\x93)R",
    "global",
  ),
  attack("call-inst", `(${command}ios\nsystem\n`, "opcode"),
  attack("call-obj", `(${orderedDict}${command}o`, "opcode"),
  attack("call-obj-of-other", `(${system}${command}o`, "global"),
  attack("call-newobj", `${system}${tuple(command)}\x81`, "global"),
  attack("call-newobj-ex", `${system}${tuple(command)}}\x92`, "global"),
  attack("call-newobj-ex-names", `${orderedDict})${dict([text("a"), int(1)])}\x92`, "stack"),
  attack("call-ext1", "\x82\x01)R", "opcode"),
  attack("call-ext2", "\x83\x01\x01)R", "opcode"),
  attack("call-ext4", "\x84\x01\x01\0\0)R", "opcode"),
  attack("call-in-key", dict([call(system, command), int(1)]), "global"),
  attack("call-in-state", build(`${orderedDict})R`, call(system, command)), "global"),
  attack("call-behind-valid-array", dict([text("a"), array()], [text("b"), call(system, command)]), "global"),
  attack("call-in-second-pickle", `${dict([text("a"), array()])}${stop}${call(system, command)}`, "trailing"),
  attack("call-of-call", call(call(orderedDict), command), "stack"),
  attack("call-of-text", call(text("os.system"), command), "stack"),
  attack("call-without-tuple", `${orderedDict}${list(command)}R`, "stack"),
  attack("import-of-number", `${int(1)}${shortText("system")}\x93`, "stack"),
  attack("import-of-long-text", `${text("a".repeat(5000))}${shortText("system")}\x93`, "stack"),
];

/** Lengths and numbers that lie. */
const numbers: readonly Attack[] = [
  attack("bytes-2-63", `\x8e${littleEndian(2n ** 63n, 8)}`, "truncated"),
  attack("bytes-2-64", `\x8e${littleEndian(2n ** 64n - 1n, 8)}`, "truncated"),
  attack("bytes-4-gb", `B${littleEndian(2n ** 32n - 1n, 4)}`, "truncated"),
  attack("bytearray-2-53", `\x96${littleEndian(2n ** 53n, 8)}`, "truncated"),
  attack("text-4-gb", `X${littleEndian(2n ** 32n - 1n, 4)}`, "truncated"),
  attack("text-2-63", `\x8d${littleEndian(2n ** 63n, 8)}`, "truncated"),
  attack("string-4-gb", `T${littleEndian(2n ** 32n - 1n, 4)}`, "truncated"),
  attack("text-one-too-long", `X${littleEndian(2, 4)}`, "truncated", ""),
  attack("frame-2-63", `\x95${littleEndian(2n ** 63n, 8)}${emptyDict}`, "truncated"),
  attack("frame-one-too-long", `\x95${littleEndian(3, 8)}${emptyDict}`, "truncated"),
  attack("number-2-gb", `\x8b${littleEndian(2 ** 31 - 1, 4)}`, "limit"),
  attack("number-negative-length", "\x8b\xff\xff\xff\xff", "limit"),
  attack("number-255-bytes", `\x8a\xff${"\x7f".repeat(255)}`, "limit"),
  attack("number-of-many-digits", `I${"9".repeat(4000)}\n`, "limit"),
  attack("number-of-too-many-digits", `I${"9".repeat(5000)}\n`, "limit"),
  attack("number-in-words", "Ione\n", "text"),
  attack("number-empty", "I\n", "text"),
  attack("number-hexadecimal", "I0x10\n", "text"),
  attack("float-in-words", "Fbig\n", "text"),
  attack("protocol-6", proto(6) + emptyDict, "opcode"),
  attack("protocol-9", proto(9) + emptyDict, "opcode"),
  attack("protocol-255", proto(255) + emptyDict, "opcode"),
];

/** Pickles that end in the wrong place. */
const ends: readonly Attack[] = [
  attack("only-proto", "", "truncated", ""),
  attack("no-stop", emptyDict, "truncated", ""),
  attack("cut-in-opcode", "\x80", "truncated", ""),
  attack("cut-in-number", `J${"\0".repeat(3)}`, "truncated", ""),
  attack("cut-in-text", text("weight").slice(0, -1), "truncated", ""),
  attack("cut-in-line", textLine("weight").slice(0, -1), "truncated", ""),
  attack("cut-in-module", "cnumpy", "truncated", ""),
  attack("cut-in-global", "cnumpy\nndarray", "truncated", ""),
  attack("cut-in-long-line", `V${"a".repeat(100_000)}`, "truncated", ""),
  attack("cut-in-array", dict([text("a"), array()]).slice(0, -12), "truncated", ""),
  attack("trailing-byte", emptyDict, "trailing", `${stop}\0`),
  attack("trailing-stop", emptyDict, "trailing", stop + stop),
  attack("opcode-unknown", "\xff", "opcode"),
  attack("opcode-zero", "\0", "opcode"),
  attack("opcode-after-the-last", "\x99", "opcode"),
];

/** Opcodes that find on the stack, or in the memo, what they cannot use. */
const values: readonly Attack[] = [
  attack("stack-empty", "", "stack", stop),
  attack("stack-underflow", "\x86", "stack"),
  attack("stack-below-mark", `${int(1)}${mark}\x85`, "stack"),
  attack("stack-stop-behind-mark", `${emptyDict}${mark}`, "stack"),
  attack("stack-left", emptyDict + emptyDict, "stack"),
  attack("stack-mark-left", mark + emptyDict, "stack"),
  attack("mark-missing", `${none}t`, "stack"),
  attack("mark-missing-pop", "1", "stack"),
  attack("mark-used-twice", `${mark}tt`, "stack"),
  attack("dup-of-nothing", "2", "stack"),
  attack("dup-of-mark", `${mark}2`, "stack"),
  attack("put-of-nothing", "q\0", "stack"),
  attack("memo-absent", get(0), "memo"),
  attack("memo-absent-largest", "j\xff\xff\xff\xff", "memo"),
  attack("memo-absent-word", "g9007199254740993\n", "memo"),
  attack("memo-negative", `${none}p-1\n`, "memo"),
  attack("memo-inherited", "gconstructor\n", "text"),
  attack("key-without-value", `${emptyDict}${mark}${text("a")}u`, "stack"),
  attack("dict-of-odd", `${mark}${none}d`, "stack"),
  attack("append-to-dict", `${emptyDict}${none}a`, "stack"),
  attack("append-to-tuple", `)${none}a`, "stack"),
  attack("append-to-number", `${int(1)}${none}a`, "stack"),
  attack("set-item-of-list", `]${none}${none}s`, "stack"),
  attack("add-to-list", `](${none}\x90`, "stack"),
  attack("state-of-dict", build(emptyDict, emptyDict), "stack"),
  attack("state-of-global", build(orderedDict, emptyDict), "stack"),
  attack("state-twice", build(build(`${orderedDict})R`, emptyDict), emptyDict), "stack"),
  attack("read-only-number", `${int(1)}\x98`, "stack"),
  attack("text-not-utf8", "X\x01\0\0\0\xff", "text"),
  attack("text-overlong", "X\x02\0\0\0\xc0\xaf", "text"),
  attack("text-surrogate", "X\x03\0\0\0\xed\xa0\x80", "text"),
  attack("text-broken-escape", textLine("\\u12"), "text"),
  attack("text-escape-beyond", textLine("\\U7fffffff"), "text"),
  attack("text-quotes-open", "S'a\n", "text"),
  attack("text-quotes-bytes", "S'\\xff'\n", "text"),
  attack("module-not-utf8", "c\xff\nsystem\n", "text"),
  attack("module-of-megabyte", `c${"a".repeat(100_000)}\nsystem\n`, "limit"),
];

/** Files that the pickle machine itself refuses. */
export const pickleAttacks: readonly Attack[] = [...calls, ...numbers, ...ends, ...values];

/** A file of `opcodes` behind PROTO, and the rule of pickles that it breaks. */
function attack(name: string, opcodes: string, rule: string, end: string = stop): Attack {
  return { name, bytes: fileOf(proto(4) + opcodes + end), problems: [{ code: `pickle/${rule}` }] };
}
