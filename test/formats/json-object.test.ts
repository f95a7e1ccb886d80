import { expect, test } from "vitest";
import { readJsonObject } from "../../src/formats/json-object.ts";

const read = (text: string): ReturnType<typeof readJsonObject> =>
  readJsonObject(new TextEncoder().encode(text));

test("gives the object, its text, and every name that appears twice", () => {
  const text = '{"a":1,"b":{"c":2,"c":3},"a":4}';
  expect(read(text)).toEqual({
    text,
    object: new Map<string, unknown>([
      ["a", 1],
      ["b", new Map([["c", 2]])],
    ]),
    faults: [{ message: '"b.c" appears twice' }, { message: '"a" appears twice' }],
  });
});

test.each([
  ["[1]", [{ message: "is [1], not an object" }]],
  ["{\n  1}", [{ message: expect.stringContaining("is not valid JSON"), line: 2, column: 3 }]],
])("says why %j gives none", (text, faults) => expect(read(text)).toEqual({ text, faults }));

test("says that bytes are no text", () => {
  expect(readJsonObject(Uint8Array.of(0xff))).toEqual({ faults: [{ message: "is not valid UTF-8" }] });
});
