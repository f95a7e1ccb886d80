import { expect, test } from "vitest";
import { describeValue } from "../../src/formats/pickle/describe-value.ts";
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

test.each<readonly [PickleValue, string]>([
  [null, "None"],
  [true, "True"],
  [2n ** 64n, "18446744073709551616"],
  [new Float(2), "2.0"],
  [new Float(Infinity), "Infinity"],
  ["a\u0007", 'the string "a\\u0007"'],
  [new Extent(0, 3), "3 bytes"],
  [new Extent(0, 3, "utf-8"), "3 bytes of text"],
  [new Sequence([1, 2], "list"), "a list of 2"],
  [new Dictionary(), "a dict of 0"],
  [new Global("a.b"), "a.b"],
  [new Call(new Global("a.b"), []), "an object made by a.b"],
  [new PersistentId(1), "a reference to something outside the pickle"],
  [new OutOfBand(0), "a buffer kept apart from the file"],
])("a value is described as a message shows it: %s", (value, expected) => {
  expect(describeValue(value)).toBe(expected);
});
