import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTensorweldError } from "../../src/errors.ts";
import type { Problem } from "../../src/errors.ts";
import type { TextEscape } from "../../src/formats/checkpoint.ts";
import { decodedText } from "../../src/formats/text-source.ts";
import type { DecodedText } from "../../src/formats/text-source.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { fileOf } from "../support/pickle-writer.ts";

/** How Python writes a text of the characters up to U+00FF; the result is Latin-1. */
const encoders: Readonly<Record<TextEscape, (text: string) => string>> = {
  "utf-8": (text) => Buffer.from(text, "utf8").toString("latin1"),
  // Source: CPython, Lib/pickle.py, `save_str`.
  "raw-unicode-escape": (text) => {
    const escaped = ["\\", "\0", "\n", "\r", "\x1a"];
    return escaped.reduce((done, character) => done.replaceAll(character, escapeOf(character)), text);
  },
};

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const escapes = Object.keys(encoders) as TextEscape[];

describe.each(escapes)("%s", (escape) => {
  test("gives the bytes from every place to every other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        async (data, places) => {
          const text = open(encode(data, escape), escape, data.length);
          const ends = [...places.map((place) => place % (data.length + 1)), data.length];
          for (const [order, end] of ends.entries()) {
            const begin = Math.min(ends[order - 1] ?? 0, end);
            expect(await read(text, begin, end - begin)).toEqual(data.slice(begin, end));
          }
        },
      ),
    );
  });

  test("gives the bytes of long texts forward, backward and far apart", async () => {
    const block = Uint8Array.from({ length: 1_000_003 }, (_, at) => (at * 2_654_435_761) >>> 24);
    // Each block begins with its own number, so that no two places look alike.
    const numbers = Array.from({ length: 40 }, (_, number) => Buffer.from(String(number).padStart(8, "0")));
    const data = Buffer.concat(numbers.flatMap((number) => [number, block]));
    const encodedBlock = fileOf(encode(block, escape));
    const text = openFile(
      Buffer.concat(numbers.flatMap((number) => [number, encodedBlock])),
      escape,
      data.length,
    );
    const places = [
      0, 100_000, 39_000_000, 17_000_000, 16_999_000, 39_999_000, 131_000, 131_071, 33_554_431, 0,
    ];
    for (const at of places)
      expect(await read(text, at, 1000)).toEqual(Uint8Array.from(data.subarray(at, at + 1000)));
    expect(Buffer.compare(await read(text, 0, data.length), data)).toBe(0);
  });

  test("serves calls at the same time one after the other", async () => {
    const data = Uint8Array.from({ length: 500_000 }, (_, at) => at % 251);
    const text = open(encode(data, escape), escape, data.length);
    const places = [400_000, 0, 131_000, 499_000];
    const found = await Promise.all(places.map((at) => read(text, at, 1000)));
    expect(found).toEqual(places.map((at) => data.slice(at, at + 1000)));
  });

  test("refuses a text that ends too early or too late", async () => {
    const encoded = encode(Uint8Array.of(1, 200, 3), escape);
    expect((await faultOf(encoded, escape, 4)).message).toMatch(/ends after 3 bytes, where 4 are needed$/);
    expect((await faultOf(encoded, escape, 2)).message).toMatch(/goes on after the 2 bytes that are needed$/);
  });

  test("refuses a text that goes on in another block", async () => {
    const encoded = "a".repeat(131_073);
    expect((await faultOf(encoded, escape, 131_072)).message).toMatch(/goes on after the 131072 bytes/);
  });

  test("goes on after a fault", async () => {
    const text = open("a".repeat(10), escape, 10);
    await expect(text.readInto(new Uint8Array(1), 10)).rejects.toThrow("ends after 10 bytes");
    expect(await read(text, 2, 3)).toEqual(Uint8Array.from([97, 97, 97]));
  });
});

test.each<readonly [TextEscape, string, string, number, RegExp]>([
  [
    "utf-8",
    "a character above U+00FF",
    "a\xc4\x80",
    2,
    /above U\+00FF, which is no byte, at byte 4 of the file$/,
  ],
  ["utf-8", "a character of four bytes", "\xf0\x9f\x99\x82", 1, /above U\+00FF/],
  [
    "utf-8",
    "a second byte alone behind a character",
    "a\xc3\xa9\x80",
    3,
    /not valid UTF-8 at byte 6 of the file$/,
  ],
  ["utf-8", "a second byte alone", "a\x80", 2, /not valid UTF-8 at byte 4 of the file$/],
  ["utf-8", "too long a form", "\xc1\xbf", 1, /not valid UTF-8/],
  ["utf-8", "a byte that is never there", "\xff", 1, /not valid UTF-8/],
  ["utf-8", "half a character at the end", "a\xc3", 2, /not valid UTF-8/],
  ["utf-8", "half a character", "\xc3a", 2, /not valid UTF-8/],
  ["raw-unicode-escape", "a character above U+00FF", "\\u0100", 1, /above U\+00FF/],
  ["raw-unicode-escape", "a long escape above U+00FF", "\\U0001f642", 1, /above U\+00FF/],
  ["raw-unicode-escape", "a sign among the digits", "\\u-001", 1, /broken escape/],
  ["raw-unicode-escape", "an escape cut short", "\\u00f", 1, /broken escape/],
])("%s refuses %s", async (escape, _, text, decodedBytes, message) => {
  const problem = await faultOf(text, escape, decodedBytes);
  expect(problem).toMatchObject({
    code: "pickle/text",
    file: "/m/a.pdparams",
    message: expect.stringMatching(message),
  });
  expect(problem.message).toContain("the text at byte 3");
});

test("the long escapes, and backslashes that begin none, are read as Python reads them", async () => {
  const text = open("\\U000000e9\\\\u00e9\\x\\", "raw-unicode-escape", 11);
  expect(Buffer.from(await read(text, 0, 11)).toString("latin1")).toBe("é\\\\u00e9\\x\\");
});

function encode(data: Uint8Array, escape: TextEscape): string {
  return encoders[escape](Buffer.from(data).toString("latin1"));
}

function open(encoded: string, escape: TextEscape, decodedBytes: number): DecodedText {
  return openFile(fileOf(encoded), escape, decodedBytes);
}

function openFile(encoded: Uint8Array, escape: TextEscape, decodedBytes: number): DecodedText {
  const around = fileOf("xxx");
  const files = new Map([["/m/a.pdparams", Buffer.concat([around, encoded, around])]]);
  const source = memoryStorage(files).open("/m/a.pdparams");
  if (source instanceof Promise) throw new Error("files in memory open at once");
  return decodedText(source, { offset: 3, bytes: encoded.length, escape }, decodedBytes);
}

async function read(text: DecodedText, at: number, bytes: number): Promise<Uint8Array> {
  const into = new Uint8Array(bytes);
  await text.readInto(into, at);
  return into;
}

/** The problem that reading all of the text ends with. */
async function faultOf(encoded: string, escape: TextEscape, decodedBytes: number): Promise<Problem> {
  const error = await read(open(encoded, escape, decodedBytes), 0, decodedBytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isTensorweldError(error)) throw new Error("it did not fail", { cause: error });
  expect(error.outcome).toBe("failed");
  return error.problems[0]!;
}
