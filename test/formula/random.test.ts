import { describe, expect, test } from "vitest";

import { philox, randomKey, uniform } from "../../src/formula/random.ts";

/** Known answers of the generator's authors: kat_vectors of Random123 1.14, philox4x32 with 10 rounds. */
const knownAnswers = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const;

test.each(knownAnswers)(
  "Philox 4x32-10 gives the published words for counter $counter",
  ({ counter, key, words }) => {
    expect(philox(counter, key)).toEqual(words);
  },
);

describe("the uniform numbers of elements", () => {
  test("are multiples of 2^-24 below one, four to a counter", () => {
    const key = randomKey(42, "w", 0);
    for (let element = 0; element < 1000; element++) {
      const value = uniform(element, key);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      expect(Number.isInteger(value * 2 ** 24)).toBe(true);
    }
    expect(uniform(7, [0, 0])).toBe((philox([1, 0, 0, 0], [0, 0])[3]! >>> 8) / 2 ** 24);
  });

  test("reach beyond 2^34 elements without repeating", () => {
    const key = randomKey(42, "w", 0);
    expect(uniform(2 ** 34 + 1, key)).not.toBe(uniform(1, key));
  });
});

test("the key depends on seed, name and position, each of them", () => {
  const keys = [
    randomKey(42, "w", 0),
    randomKey(43, "w", 0),
    randomKey(42 + 2 ** 32, "w", 0),
    randomKey(42, "v", 0),
    randomKey(42, "w\0", 0),
    randomKey(42, "", 0),
    randomKey(42, "w", 1),
  ].map(String);
  expect(new Set(keys).size).toBe(keys.length);
});
