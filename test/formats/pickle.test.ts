import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxTextBytes } from "../../src/formats/pickle/reader.ts";
import {
  Call,
  Dictionary,
  Extent,
  Float,
  Global,
  OutOfBand,
  PersistentId,
  Sequence,
} from "../../src/formats/pickle/values.ts";
import type { PickleValue } from "../../src/formats/pickle/values.ts";
import { runPickle, valueOf } from "../support/pickle-run.ts";
import * as write from "../support/pickle-writer.ts";

const orderedDict = write.global("collections", "OrderedDict");

describe("numbers", () => {
  test.each<readonly [string, string, PickleValue]>([
    ["BININT1", "K\xff", 255],
    ["BININT2", "M\x01\x02", 0x0201],
    ["BININT", "J\xff\xff\xff\xff", -1],
    ["INT", "I-12\n", -12],
    ["INT of a truth value", "I01\n", true],
    ["INT of the other", "I00\n", false],
    ["LONG", "L123L\n", 123],
    ["LONG without its letter", "L-123\n", -123],
    ["LONG1 of no bytes", "\x8a\x00", 0],
    ["LONG1", "\x8a\x02\x00\xff", -256],
    ["LONG1 of the largest number", "\x8a\x07\xff\xff\xff\xff\xff\xff\x1f", 2 ** 53 - 1],
    ["LONG1 beyond", "\x8a\x07\x00\x00\x00\x00\x00\x00\x20", 2n ** 53n],
    ["LONG4", "\x8b\x01\x00\x00\x00\x80", -128],
    ["LONG of many digits", `L${2n ** 80n}L\n`, 2n ** 80n],
    ["BINFLOAT", write.float(2), new Float(2)],
    ["FLOAT", "F-2.5e-3\n", new Float(-0.0025)],
    ["FLOAT without limit", "F-inf\n", new Float(-Infinity)],
    ["NONE", "N", null],
    ["NEWTRUE", "\x88", true],
    ["NEWFALSE", "\x89", false],
  ])("%s", async (_, opcodes, expected) => {
    expect(await valueOf(opcodes)).toEqual(expected);
  });
});

describe("texts", () => {
  test.each<readonly [string, string, string]>([
    ["SHORT_BINUNICODE", write.shortText("wä"), "wä"],
    ["BINUNICODE", write.text("w🙂"), "w🙂"],
    ["BINUNICODE8", "\x8d\x01\0\0\0\0\0\0\0w", "w"],
    ["a byte order mark", write.text("\ufeffw"), "\ufeffw"],
    ["UNICODE", "Vw\xe4\n", "wä"],
    ["UNICODE with escapes", "V\\u0077\\U0001f642\\\\u0077\\x\\\n", "w🙂\\\\u0077\\x\\"],
    ["STRING", "S'a\\'\\n\\\\'\n", "a'\n\\"],
    ["STRING in double quotes", 'S"it\'s"\n', "it's"],
    ["BINSTRING", "T\x01\0\0\0w", "w"],
    ["SHORT_BINSTRING", "U\x01w", "w"],
  ])("%s", async (_, opcodes, expected) => {
    expect(await valueOf(opcodes)).toBe(expected);
  });

  test("stay in the file when they are too long for a name", async () => {
    const longest = "a".repeat(maxTextBytes);
    expect(await valueOf(write.text(longest))).toBe(longest);
    expect(await valueOf(write.textLine(longest))).toBe(longest);
    const bytes = maxTextBytes + 1;
    expect(await valueOf(write.text(`${longest}a`))).toEqual(new Extent(5, bytes, "utf-8"));
    expect(await valueOf(write.textLine(`${longest}a`))).toEqual(new Extent(1, bytes, "raw-unicode-escape"));
    expect(await valueOf(`T${write.littleEndian(bytes, 4)}${longest}a`)).toEqual(new Extent(5, bytes));
  });

  test("of a line are found however long they are", async () => {
    const bytes = 300_000;
    const value = await valueOf(write.tuple(write.textLine("a".repeat(bytes)), write.int(7)));
    expect(value).toEqual(new Sequence([new Extent(2, bytes, "raw-unicode-escape"), 7]));
  });
});

describe("bytes", () => {
  test.each<readonly [string, string, number]>([
    ["SHORT_BINBYTES", "C\x02ab", 2],
    ["BINBYTES", "B\x02\0\0\0ab", 5],
    ["BINBYTES8", "\x8e\x02\0\0\0\0\0\0\0ab", 9],
    ["BYTEARRAY8", "\x96\x02\0\0\0\0\0\0\0ab", 9],
  ])("%s are left where they are", async (_, opcodes, offset) => {
    expect(await valueOf(opcodes)).toEqual(new Extent(offset, 2));
  });

  test("of the protocols up to 2 are found behind the call that makes them", async () => {
    const encode = write.global("_codecs", "encode");
    const short = write.call(encode, write.text("ÿ"), write.text("latin1"));
    expect(await valueOf(short)).toEqual(new Extent(encode.length + 6, 2, "utf-8"));
    const long = write.call(encode, write.textLine("ÿ".repeat(5000)), write.text("latin1"));
    expect(await valueOf(long)).toEqual(new Extent(encode.length + 2, 5000, "raw-unicode-escape"));
    expect(await valueOf(write.call(write.global("__builtin__", "bytes")))).toEqual(new Extent(0, 0));
    const array = write.call(write.global("builtins", "bytearray"), write.bytes("ab"));
    expect(await valueOf(array)).toEqual(new Extent(23, 2));
  });

  test("in another encoding stay a call", async () => {
    const call = write.call(write.global("_codecs", "encode"), write.text("a"), write.text("utf-16"));
    expect(await valueOf(call)).toBeInstanceOf(Call);
  });

  test("of a quoted text stay a call: its escapes are no bytes", async () => {
    const call = write.call(write.global("_codecs", "encode"), "S'\\n'\n", write.text("latin1"));
    expect(await valueOf(call)).toBeInstanceOf(Call);
  });
});

describe("containers", () => {
  test.each<readonly [string, string, PickleValue]>([
    ["EMPTY_TUPLE", ")", new Sequence([])],
    ["TUPLE", "(NNt", new Sequence([null, null])],
    ["TUPLE1", "N\x85", new Sequence([null])],
    ["TUPLE2", "K\x01K\x02\x86", new Sequence([1, 2])],
    ["TUPLE3", "K\x01K\x02K\x03\x87", new Sequence([1, 2, 3])],
    ["LIST", "(K\x01K\x02l", new Sequence([1, 2], "list")],
    ["APPEND", "]K\x01aK\x02a", new Sequence([1, 2], "list")],
    ["APPENDS", "](K\x01K\x02e", new Sequence([1, 2], "list")],
    ["ADDITEMS", "\x8f(K\x01\x90", new Sequence([1], "set")],
    ["FROZENSET", "(K\x01\x91", new Sequence([1], "frozenset")],
    ["DICT", "(K\x01K\x02d", dictionary([1, 2])],
    ["SETITEM", "}K\x01K\x02s", dictionary([1, 2])],
    ["SETITEMS with a key twice", "}(K\x01K\x02K\x01K\x03u", dictionary([1, 2], [1, 3])],
    ["DUP", "K\x012\x86", new Sequence([1, 1])],
    ["POP", "NN0", null],
    ["POP of a mark", "N(0", null],
    ["POP_MARK", "N(NN1", null],
    ["PUT and GET", "K\x07p300\n0g300\n", 7],
    ["LONG_BINPUT and LONG_BINGET", "K\x07r\xff\xff\xff\xff0j\xff\xff\xff\xff", 7],
    ["MEMOIZE", "K\x07\x94K\x08\x94h\x00\x87", new Sequence([7, 8, 7])],
    ["FRAME", "\x95\x03\0\0\0\0\0\0\0K\x07", 7],
    ["NEXT_BUFFER", "\x97\x98", new OutOfBand(0)],
    ["PERSID", "Pa b\n", new PersistentId("a b")],
    ["BINPERSID", "K\x07Q", new PersistentId(7)],
  ])("%s", async (_, opcodes, expected) => {
    expect(await valueOf(opcodes)).toEqual(expected);
  });
});

describe("objects", () => {
  test("are calls that nobody makes", async () => {
    const called = new Call(new Global("collections.OrderedDict"), [1]);
    expect(await valueOf(`${orderedDict}K\x01\x85R`)).toEqual(called);
    expect(await valueOf(`${orderedDict}K\x01\x85\x81`)).toEqual(called);
    expect(await valueOf(`${orderedDict}K\x01\x85}\x92`)).toEqual(called);
    const stack = write.stackGlobal("collections", "OrderedDict");
    expect(await valueOf(`${stack}K\x01\x85R`)).toEqual(called);
  });

  test("have pairs and a state", async () => {
    const value = await valueOf(`${orderedDict})RK\x01K\x02s}K\x03K\x04sb`);
    expect(value).toMatchObject({ pairs: [[1, 2]], state: dictionary([3, 4]) });
  });
});

describe("a pickle", () => {
  test("is read through a small window, without what lies in it", async () => {
    const data = "\xff".repeat(100_000);
    const items = Array.from({ length: 50 }, () => write.bytes(data));
    const { value, bytesRead } = await runPickle(`${write.tuple(...items)}.`);
    expect(value).toMatchObject({ items: items.map((_, at) => new Extent(6 + at * 100_005, 100_000)) });
    expect(bytesRead).toBeLessThan(50 * 17_000);
  });

  test("may hold itself", async () => {
    const value = await valueOf("]q\x00h\x00a");
    expect(value).toBeInstanceOf(Sequence);
    expect((value as Sequence).items[0]).toBe(value);
  });

  test("means the same wherever the window ends", async () => {
    const number = fc
      .integer({ min: 0, max: 2 ** 31 - 1 })
      .map((value) => [write.int(value), value] as const);
    const name = fc
      .string({ maxLength: 30, unit: "grapheme" })
      .map((value) => [write.text(value), value] as const);
    const part = fc.oneof(number, name);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 70_000 }),
        fc.array(part, { minLength: 1 }),
        async (gap, parts) => {
          const all = Array.from({ length: 400 }, () => parts).flat();
          const opcodes = write.tuple(write.bytes("x".repeat(gap)), ...all.map(([opcode]) => opcode));
          const value = await valueOf(opcodes);
          expect((value as Sequence).items.slice(1)).toEqual(all.map(([, expected]) => expected));
        },
      ),
      { numRuns: 20 },
    );
  });
});

function dictionary(...pairs: readonly [PickleValue, PickleValue][]): Dictionary {
  const result = new Dictionary();
  result.pairs.push(...pairs);
  return result;
}
