import * as fc from "fast-check";
import { expect, test } from "vitest";

import { jsonText, layoutOf } from "../../src/formats/json-text.ts";
import { type JsonValue, parseJson } from "../../src/formats/json.ts";

function again(text: string): string {
  const parsed = parseJson(text);
  return "value" in parsed ? jsonText(parsed.value, layoutOf(text)) : expect.fail(parsed.fault.message);
}

test.each([undefined, 1, 2, 4, "\t"])("what was indented by %j is written as it was read", (indent) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const text = JSON.stringify(value, null, indent);
      fc.pre(Object.keys(value).length > 0);
      const written = again(text);
      expect(JSON.parse(written)).toEqual(JSON.parse(text));
      expect(again(written)).toBe(written);
      // oxlint-disable-next-line no-control-regex
      if (/^[\0-\u007e]*$/.test(text)) expect(written).toBe(text);
    }),
  );
});

test("the layout of Python's json.dumps on one line is kept", () => {
  const text = '{"a": [1, 2.50, -0], "b": {"c": "\\u00e9"}, "d": []}\n';
  expect(again(text)).toBe(text);
});

test("a text beyond ASCII stays so", () => {
  expect(again('{"é":"\u{1f600}"}')).toBe('{"é":"\u{1f600}"}');
  const value: JsonValue = new Map([["é", 1]]);
  expect(jsonText(value, { space: "", ascii: true, final: false })).toBe('{"\\u00e9":1}');
});
