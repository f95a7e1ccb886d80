import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeProblem } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { refusal } from "../support/refusal.ts";

const corpus = join(import.meta.dirname, "../hostile/zip");

interface ExpectedProblem {
  readonly code: string;
  readonly tensor?: string;
}

const cases = JSON.parse(readFileSync(join(corpus, "cases.json"), "utf8")) as Record<
  string,
  readonly ExpectedProblem[]
>;

/** Every rule has a code; a code that no attack reaches is a rule that nothing tests. */
const codes = [
  "pickle/global",
  "pickle/opcode",
  "pickle/trailing",
  "pickle/truncated",
  "pytorch/container",
  "pytorch/duplicate-name",
  "pytorch/storage",
  "pytorch/structure",
  "pytorch/tensor",
  "zip/compressed",
  "zip/directory",
  "zip/end-record",
  "zip/entry",
  "zip/name",
  "zip/overlap",
];

describe("hostile zips and files of PyTorch", () => {
  test("every attack has its expected problems, and the other way round", () => {
    const attacks = readdirSync(corpus).filter((name) => name !== "cases.json");
    expect(Object.keys(cases).toSorted()).toEqual(attacks.toSorted());
  });

  test("every code is reached by an attack", () => {
    const reached = new Set(Object.values(cases).flatMap((problems) => problems.map(({ code }) => code)));
    expect([...reached].toSorted()).toEqual(codes);
  });

  test.each(Object.entries(cases))("%s is refused", async (name, expected) => {
    const path = join(corpus, name);
    const { problems } = await refusal(openCheckpoint(nodeStorage, path, "model"));
    const found = problems.map(({ code, tensor }) => ({ code, ...(tensor !== undefined && { tensor }) }));
    expect(found).toEqual(expected);
    const texts = problems.map((problem) => describeProblem({ ...problem, file: name }));
    expect(texts.join("\n")).toMatchSnapshot();
    for (const text of texts) expect(text.length).toBeLessThan(1000);
    for (const { file } of problems) expect(file).toBe(path);
  });
});
