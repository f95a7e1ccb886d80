import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeProblem, isTensorweldError } from "../../src/errors.ts";
import type { TensorweldError } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { nodeStorage } from "../../src/io/node.ts";

const corpus = join(import.meta.dirname, "../hostile/safetensors");

interface ExpectedProblem {
  readonly code: string;
  readonly tensor?: string;
}

const cases = JSON.parse(readFileSync(join(corpus, "cases.json"), "utf8")) as Record<
  string,
  readonly ExpectedProblem[]
>;

/** Every rule of the format has a code; a code that no attack reaches is a rule that nothing tests. */
const codes = [
  "index/invalid",
  "index/unsafe-path",
  "index/missing-file",
  "index/missing-tensor",
  "safetensors/too-short",
  "safetensors/header-length",
  "safetensors/header-encoding",
  "safetensors/header-json",
  "safetensors/duplicate-name",
  "safetensors/metadata",
  "safetensors/entry",
  "safetensors/dtype",
  "safetensors/shape",
  "safetensors/span",
  "safetensors/gap",
  "safetensors/overlap",
  "safetensors/file-end",
];

describe("hostile safetensors", () => {
  test("every attack has its expected problems, and the other way round", () => {
    const attacks = readdirSync(corpus).filter((name) => name !== "cases.json");
    expect(Object.keys(cases).toSorted()).toEqual(attacks.toSorted());
  });

  test("every code is reached by an attack", () => {
    const reached = new Set(Object.values(cases).flatMap((problems) => problems.map(({ code }) => code)));
    expect([...reached].toSorted()).toEqual(codes.toSorted());
  });

  test.each(Object.entries(cases))("%s is refused", async (name, expected) => {
    const error = await refusalOf(join(corpus, name));
    expect(error.outcome).toBe("refused");
    const found = error.problems.map(({ code, tensor }) => ({
      code,
      ...(tensor !== undefined && { tensor }),
    }));
    expect(found).toEqual(expected);
    for (const problem of error.problems) {
      expect(problem.file?.startsWith(join(corpus, name))).toBe(true);
      expect(describeProblem(problem)).toContain(name);
      expect(describeProblem(problem).length).toBeLessThan(1000);
    }
  });
});

async function refusalOf(path: string): Promise<TensorweldError> {
  try {
    await openCheckpoint(nodeStorage, path, "model");
  } catch (error) {
    if (isTensorweldError(error)) return error;
    throw error;
  }
  throw new Error(`${path} was accepted`);
}
