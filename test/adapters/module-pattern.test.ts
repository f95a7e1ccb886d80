import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { MatchingEffort, TooMuchEffort } from "../../src/adapters/matching-effort.ts";
import { moduleName, modulePattern } from "../../src/adapters/module-pattern.ts";

const module = "model.layers.1.self_attn.q_proj";

function matches(key: string, name: string, effort = new MatchingEffort()): boolean {
  const pattern = modulePattern(key);
  if ("fault" in pattern) throw new Error(pattern.fault);
  return pattern.matches(moduleName(name, effort));
}

describe("a pattern matches a name, or what follows one of its dots, to the end", () => {
  test.each<readonly [string, boolean]>([
    ["q_proj", true],
    ["self_attn.q_proj", true],
    [module, true],
    ["proj", false],
    ["_proj", false],
    ["model.layers.1", false],
    ["^q_proj", false],
    ["^model.*", true],
    ["q_proj$", true],
    ["layers\\.1\\..*\\.(q|o)_proj", true],
    ["layers\\.1\\..*\\.(?:k|v)_proj", false],
    [".*\\.[0-2]\\.self_attn\\.\\w+", true],
    [".*\\.[^0-2]\\.self_attn\\.\\w+", false],
    ["layers.\\d+.self_attn.q_proj", true],
    ["layers.\\D+.self_attn.q_proj", false],
    ["\\S+", true],
    ["q_pro?j", true],
    ["q_prooj?", false],
    ["q_proj(_new)?", true],
    [".*?q_proj", true],
    ["q.proj", true],
    ["q\\.proj", false],
    ["k_proj|q_proj", true],
    ["[]q]_proj", true],
    ["[q\\-]_proj", true],
    ["(layers|self_attn)+.q_proj", true],
    ["", false],
    ["(self_attn.|)q_proj", true],
  ])("%j: %s", (key, expected) => expect(matches(key, module)).toBe(expected));

  test("and an empty end", () => expect(matches("", "model.")).toBe(true));

  test("as any engine of regular expressions would", () => {
    const letters = fc.constantFrom("a", "b", "c", ".", "\\.", "[ab]", "[^a]", "[a-b]", "\\w", "^", "$");
    const repeated = fc.tuple(letters, fc.constantFrom("*", "+", "?", "*?")).map((parts) => parts.join(""));
    const flat = fc.array(fc.oneof(letters, repeated), { maxLength: 4 }).map((parts) => parts.join(""));
    const group = fc.array(flat, { minLength: 1, maxLength: 3 }).map((options) => `(${options.join("|")})`);
    const plainGroup = fc
      .array(letters, { maxLength: 3 })
      .chain((parts) => fc.constantFrom(`(${parts.join("")})*`, `(${parts.join("")})+`));
    const key = fc.array(fc.oneof(flat, group, plainGroup), { maxLength: 4 }).map((parts) => parts.join(""));
    const name = fc
      .array(fc.constantFrom("a", "b", "c", "."), { maxLength: 12 })
      .map((parts) => parts.join(""));
    const property = fc.property(key, name, (pattern, text) => {
      // A quantifier of an anchor is nothing that both engines read the same way.
      fc.pre(!/[\^$][*+?]/.test(pattern));
      const expected = new RegExp(String.raw`^(.*\.)?(${pattern})$`, "u").test(text);
      expect(matches(pattern, text)).toBe(expected);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test("by characters, not by halves of them", () => {
    expect(matches("a.b", "a\u{1f600}b")).toBe(true);
    expect(matches("\u{1f600}+", "\u{1f600}\u{1f600}")).toBe(true);
    expect(matches("\\w+", "größe")).toBe(true);
  });

  test("in time that does not explode", () => {
    const name = `${"a".repeat(2000)}!`;
    expect(matches("(a|a|aa)*b", name)).toBe(false);
    expect(matches(".*".repeat(100), name)).toBe(true);
    expect(matches(`${".*".repeat(100)}b`, name)).toBe(false);
  });
});

describe("matching many names is given up when it takes too long", () => {
  const [letters, dots, ideographs] = ["a", ".", "\u4e00"].map((character) => character.repeat(990));

  test.each([
    ["any characters, often", `${".*".repeat(240)}b`, letters!],
    ["a character or none, often", `${"a?".repeat(240)}b`, letters!],
    ["any character or none, from many places", `${".?".repeat(240)}b`, dots!],
    ["letters of all scripts", `${"\\w*".repeat(160)}b`, ideographs!],
    ["a class of many classes", `[${"\\d".repeat(240)}]*b`, ideographs!],
    ["one of many that are the same", `(${"a|".repeat(240)})*b`, letters!],
    [
      "one of many lengths",
      `(${Array.from({ length: 20 }, (_, index) => "a".repeat(index + 1)).join("|")})*b`,
      letters!,
    ],
    ["one of many nothings", `(${"|".repeat(490)})*b`, dots!],
    ["the beginning, often", `${"^".repeat(490)}b`, dots!],
    ["the end, often", `${"$".repeat(490)}b`, dots!],
  ])("%s", (_, key, name) => {
    const effort = new MatchingEffort();
    const pattern = modulePattern(key);
    if ("fault" in pattern) throw new Error(pattern.fault);
    expect(() => {
      for (let count = 0; count < 20_000; count++) pattern.matches(moduleName(name, effort));
    }).toThrow(TooMuchEffort);
  });

  test("and not before: a model of 405 billion parameters may have two patterns for each module", () => {
    const layers = Array.from({ length: 126 }, (_, layer) => `model.layers.${layer}`);
    const kinds = [
      "self_attn.q",
      "self_attn.k",
      "self_attn.v",
      "self_attn.o",
      "mlp.gate",
      "mlp.up",
      "mlp.down",
    ];
    const modules = layers.flatMap((layer) => kinds.map((kind) => `${layer}.${kind}_proj`));
    const patterns = modules.flatMap((key) => {
      const pattern = modulePattern(key);
      return "fault" in pattern ? [] : [pattern];
    });
    const effort = new MatchingEffort();
    for (const [index, text] of modules.entries()) {
      const name = moduleName(text, effort);
      for (let times = 0; times < 2; times++)
        expect(patterns.findIndex((pattern) => pattern.matches(name))).toBe(index);
    }
  });
});

test.each([
  "(?!vision).*",
  "(?<=a)b",
  "(?i)q_proj",
  "(?P<name>q)",
  "(q)\\1",
  "\\bq_proj",
  "q{2}",
  "q{2,}",
  "(a*)*",
  "(a+b)+",
  "*q",
  "q**",
  "q*+",
  "(q",
  "q)",
  "a)(b",
  "[q",
  "[]",
  "[a-\\d]",
  "q\\",
  "q".repeat(501),
])("%j is refused", (key) => expect(modulePattern(key)).toHaveProperty("fault"));

test("a refusal shows what is not read, and where", () => {
  expect(modulePattern("q(?!x)")).toEqual({
    fault: 'has "(?!" at character 2, which is no part of the regular expressions that are read here',
  });
  expect(modulePattern("(q")).toEqual({ fault: "ends in the middle of a group, a class or an escape" });
});
