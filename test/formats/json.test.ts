import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineAndColumn, maxJsonDepth, parseJson, visitMembers } from "../../src/formats/json.ts";
import type { JsonValue } from "../../src/formats/json.ts";

describe("parseJson", () => {
  test("agrees with JSON.parse on every value that JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(plain(valueOf(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("accepts no text that JSON.parse refuses", () => {
    const piece = fc.constantFrom(
      ...Array.from("{}[]:,\"'\\ \n\t0123-+.eEutrfalsn\u0000\u00a0"),
      '"a":',
      "\\u00",
      "null",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        if (!acceptedByEngine(text)) expect(parseJson(text)).toHaveProperty("fault");
      }),
      { numRuns: 20_000 },
    );
  });

  test("reads __proto__ and constructor as names like any other", () => {
    const value = valueOf('{"__proto__":{"a":1},"constructor":2}');
    expect(value).toEqual(
      new Map<string, JsonValue>([
        ["__proto__", new Map([["a", 1]])],
        ["constructor", 2],
      ]),
    );
  });

  test("gives whole numbers below 2^53 as numbers, all others as they are written", () => {
    expect(valueOf("[0, 7, 9007199254740991]")).toEqual([0, 7, 9007199254740991]);
    const literals = [
      "-0",
      "-1",
      "1.0",
      "1e3",
      "1E+2",
      "9007199254740992",
      "0.1",
      "123456789012345678901234567890",
    ];
    expect(valueOf(`[${literals.join(",")}]`)).toEqual(literals.map((literal) => ({ literal })));
  });

  test("reports names that appear twice, wherever they are, and keeps the first value", () => {
    const parsed = parseJson('{"a":1,"b":[{"c":1,"\\u0063":2}],"a":3}');
    expect(parsed).toEqual({
      value: new Map<string, JsonValue>([
        ["a", 1],
        ["b", [new Map([["c", 1]])]],
      ]),
      duplicates: [{ path: ["b", "c"] }, { path: ["a"] }],
    });
  });

  test.each([
    ["", "wanted a value, found the end", 0],
    ["{} x", 'wanted the end of the text, found "x"', 3],
    ["[1,]", 'wanted a value, found "]"', 3],
    ['{"a" 1}', 'wanted a ":", found "1"', 5],
    ["{a:1}", 'wanted a name in double quotes, found "a"', 1],
    ['["a', "wanted a character of a string, or the quote that ends it, found the end", 3],
    ['["a\u0007"]', "wanted a character of a string, or the quote that ends it, found U+0007", 3],
    ['["\\x"]', String.raw`wanted an escape that JSON knows, found "\\"`, 2],
    ['["\\ud83d\\u0041"]', String.raw`wanted both halves of a surrogate pair, in order, found "\\"`, 2],
    ["[01]", 'wanted a "," or a "]", found "1"', 2],
    ["[-]", 'wanted a value, found "-"', 1],
    ["[1.]", 'wanted a "," or a "]", found "."', 2],
    ['["\\u00g0"]', String.raw`wanted an escape that JSON knows, found "\\"`, 2],
    ['["\\', String.raw`wanted an escape that JSON knows, found "\\"`, 2],
    ["[.5]", 'wanted a value, found "."', 1],
    ["\ufeff{}", "wanted a value, found U+FEFF", 0],
  ])("%j: %s", (text, message, position) => {
    expect(parseJson(text)).toEqual({ fault: { message, position } });
  });

  test("stops at its depth limit and not before", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(maxJsonDepth))).toHaveProperty("value");
    const message = `more than ${maxJsonDepth} objects and arrays within each other`;
    expect(parseJson(nested(maxJsonDepth + 1))).toEqual({ fault: { message, position: maxJsonDepth } });
    expect(parseJson("[".repeat(1_000_000))).toHaveProperty("fault");
  });
});

describe("visitMembers", () => {
  test.each([
    '{"a":1,"b":[{"c":1,"c":2}],"a":3}',
    ' {"a" : {"b" : null} , "" : "" } ',
    "{}",
    '{"a":1,}',
    '{"a":1}}',
    '{"a"',
  ])("finds in %s what parseJson finds", (text) => {
    const visited = new Map<string, JsonValue>();
    const found = visitMembers(text, (name, value) => void visited.set(name, value));
    const parsed = parseJson(text);
    if ("fault" in parsed) {
      expect(found).toEqual(parsed);
    } else {
      expect(found).toMatchObject({ duplicates: parsed.duplicates });
      expect(visited).toEqual(parsed.value);
    }
  });

  test.each(["", "[]", "1"])("refuses %j, which is no object", (text) => {
    const found = text === "" ? "the end" : JSON.stringify(text.charAt(0));
    const fault = { message: `wanted an object, found ${found}`, position: 0 };
    expect(visitMembers(text, () => undefined)).toEqual({ fault });
  });
});

test("lineAndColumn counts both from 1", () => {
  expect(lineAndColumn("ab\ncd", 0)).toEqual({ line: 1, column: 1 });
  expect(lineAndColumn("ab\ncd", 4)).toEqual({ line: 2, column: 2 });
  expect(lineAndColumn("ab\n", 3)).toEqual({ line: 2, column: 1 });
});

function valueOf(text: string): JsonValue {
  const parsed = parseJson(text);
  if ("fault" in parsed) throw new Error(`${parsed.fault.message} at ${parsed.fault.position}`);
  return parsed.value;
}

/** The same value as JSON.parse gives it. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) return JSON.parse(objectText(value)) as unknown;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null && "literal" in value ? Number(value.literal) : value;
}

/** By way of text, because an assignment to `__proto__` would not make a member. */
function objectText(members: ReadonlyMap<string, JsonValue>): string {
  const texts = [...members].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(plain(value))}`,
  );
  return `{${texts.join(",")}}`;
}

function acceptedByEngine(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
