import { expect, test } from "vitest";

import { parseConfigFile } from "../../src/recipe/config-file.ts";
import { parseRequest } from "../../src/recipe/config.ts";
import { complete, context, problemsOf } from "./context.ts";

test("gives what JSON.parse gives", () => {
  const text = `{ "weight_list": [0.3, -1e-3, 2], "normalize": true, "base_model_path": null, "x": { "y": "z" } }`;
  expect(parseConfigFile(text, "m.json")).toEqual(JSON.parse(text));
});

test.each([
  ["", 1, 1, "is not JSON: wanted a value"],
  ['{\n  "seed": 42,\n  seed: 1\n}', 3, 3, "is not JSON: wanted a name in double quotes"],
  ['{ "seed": 42 } 1', 1, 16, "is not JSON: wanted the end of the text"],
  ["[1]", 1, 1, 'expected an object such as { "merge_method": "linear" }, got [1]'],
  ["null", 1, 1, 'expected an object such as { "merge_method": "linear" }, got null'],
  ['{\n  "seed": 1,\n  "dtype": "seed",\n   "seed" : 2\n}', 4, 4, 'the key "seed" is given twice'],
  ['{ "a\\"": 1, "a\\"": 2 }', 1, 13, 'the key "a\\"" is given twice'],
])("%j is refused at %i:%i", (text, line, column, message) => {
  const [problem, ...others] = problemsOf(() => parseConfigFile(text, "m.json"));
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ code: "request/unreadable-config", file: "m.json", line, column });
  expect(problem?.message).toContain(message);
});

test("all duplicate keys are named at once", () => {
  const text = '{ "a": 1, "b": 1, "a": 2, "b": 2 }';
  expect(problemsOf(() => parseConfigFile(text, "m.json")).map(({ column }) => column)).toEqual([19, 27]);
});

test("what it records of its output's inputs is left out; as a flag there is no such thing", () => {
  const record = { tool: "tensorweld", inputs: [{ name: "a" }] };
  const text = JSON.stringify({ ...complete, provenance: record });
  expect(parseConfigFile(text, "m.json")).toEqual(complete);
  const config = { ...complete, provenance: record };
  expect(problemsOf(() => parseRequest(config, context))).toMatchObject([
    { code: "request/unknown-key", key: "provenance" },
  ]);
});

test("of countless duplicate keys some are named, and the rest counted", () => {
  const members = Array.from({ length: 50_000 }, (_, index) => `"${index % 25_000}": 1`);
  const problems = problemsOf(() => parseConfigFile(`{${members.join(",")}}`, "m.json"));
  expect(problems).toHaveLength(20);
  expect(problems.at(-1)?.message).toBe('the key "19" is given twice, as are 24980 more');
});
