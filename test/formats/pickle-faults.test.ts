import { describe, expect, test } from "vitest";
import { problemOf, runPickle } from "../support/pickle-run.ts";
import * as write from "../support/pickle-writer.ts";

describe("what is wrong is said with its place", () => {
  test.each<readonly [string, string, string, string]>([
    ["no STOP", "N", "pickle/truncated", "the pickle at byte 1 ends without the opcode STOP"],
    [
      "too short",
      "X\x05\0\0\0abc",
      "pickle/truncated",
      "BINUNICODE at byte 0 needs 5 bytes more, but only 3 are left",
    ],
    [
      "far too short",
      `\x8e${write.littleEndian(2n ** 63n, 8)}`,
      "pickle/truncated",
      "BINBYTES8 at byte 0 needs 9223372036854775808 bytes more, but only 0 are left",
    ],
    ["no operand", "K", "pickle/truncated", "BININT1 at byte 0 needs 1 bytes more, but only 0 are left"],
    [
      "no line feed",
      "I1",
      "pickle/truncated",
      "INT at byte 0 needs a line feed, but there is none before the end",
    ],
    [
      "no opcode",
      "\x80\x04\xff",
      "pickle/opcode",
      "the pickle at byte 2 goes on with 0xff, which is no opcode",
    ],
    [
      "protocol",
      "\x80\x09N.",
      "pickle/opcode",
      "PROTO at byte 0 asks for protocol 9, where 0 to 5 are known",
    ],
    ["INST", "(ios\nsystem\n.", "pickle/opcode", "INST at byte 1 is refused: no checkpoint needs it"],
    ["nothing to pop", "0.", "pickle/stack", "POP at byte 0 needs a value, but there is none on the stack"],
    [
      "a mark in between",
      "K\x01(\x85.",
      "pickle/stack",
      "TUPLE1 at byte 3 needs a value, but there is none on the stack",
    ],
    ["no mark", "Nt.", "pickle/stack", "TUPLE at byte 1 needs a mark, but there is none on the stack"],
    ["no value for a key", "(Nd.", "pickle/stack", "DICT at byte 2 needs a value for each key"],
    ["no entry", "h\x05.", "pickle/memo", "BINGET at byte 0 asks for entry 5 of the memo, which is empty"],
    [
      "a call of a number",
      "K\x01)R.",
      "pickle/stack",
      "REDUCE at byte 3 calls 1, where a function or class is needed",
    ],
    [
      "two values left",
      "NN.",
      "pickle/stack",
      "STOP at byte 2 must leave one value on the stack, but leaves 2",
    ],
    ["more behind it", "N.N", "pickle/trailing", "STOP at byte 1 ends the pickle, but 1 bytes follow"],
    [
      "an append to a tuple",
      ")Na.",
      "pickle/stack",
      "APPEND at byte 2 adds to a tuple of 0, where a list is needed",
    ],
    [
      "a long number",
      `L${"1".repeat(65)}\n`,
      "pickle/limit",
      "LONG at byte 0 holds a whole number of 65 digits",
    ],
    [
      "a long line",
      `I${"1".repeat(5000)}\n`,
      "pickle/limit",
      "INT at byte 0 needs a line of at most 4096 bytes",
    ],
  ])("%s", async (_, pickle, code, message) => {
    const problem = await problemOf(pickle);
    expect(problem.code).toBe(code);
    expect(problem.message.startsWith(message)).toBe(true);
  });

  test("in bytes of the file, when the pickle is a part of it", async () => {
    const { problems } = await runPickle("xxxK\x01\xffxxx", { offset: 3, bytes: 3 });
    expect(problems[0]!.message).toBe("the pickle at byte 5 goes on with 0xff, which is no opcode");
    const beyond = await runPickle("xxxK\x01x.xx", { offset: 3, bytes: 2 });
    expect(beyond.problems[0]!.message).toBe("the pickle at byte 5 ends without the opcode STOP");
  });
});

describe("texts", () => {
  test.each([
    ["not UTF-8", "X\x01\0\0\0\xff"],
    ["half a surrogate pair", "X\x03\0\0\0\xed\xa0\x80"],
    ["a broken escape", "V\\u00f\n"],
    ["an escape beyond Unicode", "V\\U00110000\n"],
    ["an escaped surrogate", "V\\ud800\n"],
    ["no quotes", "Sa\n"],
    ["a quote that does not end", "S'a\n"],
    ["bytes in quotes", "S'\\xff'\n"],
    ["no number", "I1_000\n"],
    ["no number with a point", "F1.0.0\n"],
  ])("are refused: %s", async (_, opcodes) => {
    expect((await problemOf(`${opcodes}.`)).code).toBe("pickle/text");
  });

  test("of a text that is no bytes are refused", async () => {
    const call = write.call(write.global("_codecs", "encode"), write.text("aā"), write.text("latin1"));
    expect(await problemOf(`${call}.`)).toMatchObject({
      code: "pickle/text",
      message: expect.stringContaining("U+0101"),
    });
  });
});

describe("objects", () => {
  test.each<readonly [string, string]>([
    ["GLOBAL", write.global("os", "system")],
    ["STACK_GLOBAL", write.stackGlobal("os", "system")],
  ])("of other classes are refused: %s", async (opcode, opcodes) => {
    expect(await problemOf(`${opcodes}.`)).toMatchObject({
      code: "pickle/global",
      file: "/m/a.pkl",
      message: `${opcode} at byte ${opcode === "GLOBAL" ? 0 : 12} asks to import "os.system", which no checkpoint needs`,
      hint: expect.stringContaining("malicious"),
    });
  });
});
