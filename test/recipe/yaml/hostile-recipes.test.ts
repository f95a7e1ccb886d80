import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeProblem } from "../../../src/errors.ts";
import { parseRecipeFile, type RecipeFile } from "../../../src/recipe/yaml/recipe-file.ts";
import { maxRecipeBytes, recipeText } from "../../../src/recipe/yaml/recipe-text.ts";
import { refusal } from "../../support/refusal.ts";
import { context } from "./parsing.ts";

const corpus = join(import.meta.dirname, "../../hostile/recipes");

/** For each file, how each of its problems begins after the file's name. */
const cases = JSON.parse(readFileSync(join(corpus, "cases.json"), "utf8")) as Record<
  string,
  readonly string[]
>;

async function parse(bytes: Uint8Array): Promise<RecipeFile> {
  return parseRecipeFile(recipeText(bytes, "r.yml"), "r.yml", context());
}

async function problemsOf(bytes: Uint8Array): Promise<readonly string[]> {
  return (await refusal(parse(bytes))).problems.map(describeProblem);
}

describe("hostile recipes", () => {
  test("every attack has its expected problems, and the other way round", () => {
    const attacks = readdirSync(corpus).filter((name) => name !== "cases.json");
    expect(Object.keys(cases)).toEqual(attacks.toSorted());
  });

  test.each(Object.entries(cases))("%s is refused", async (name, expected) => {
    const problems = await problemsOf(readFileSync(join(corpus, name)));
    for (const [index, problem] of problems.entries()) {
      expect(problem).toContain(expected[index]);
      expect(problem.length).toBeLessThan(400);
    }
    expect(problems).toHaveLength(expected.length);
  });
});

// Those that take more space than a repository should.
const long = 150_000;

describe("endless recipes", () => {
  test.each([
    ["brackets", "[".repeat(long)],
    ["braces that close", "}".repeat(long)],
    ["dashes", "- ".repeat(long)],
    ["question marks", "? ".repeat(long)],
    ["tags", "! ".repeat(long)],
    ["anchors", "&a ".repeat(long)],
    ["aliases", `a: &a 1\nb: [${"*a,".repeat(long)}]`],
    ["list items", `models:\n${"- 1\n".repeat(long / 2)}`],
    ["one key again and again", "a: 1\n".repeat(long / 2)],
    ["unknown keys", Array.from({ length: long / 10 }, (_, index) => `key${index}: 1\n`).join("")],
    ["directives", "%A\n".repeat(long)],
    ["document ends", "...\n".repeat(long / 2)],
    ["comments", "#\n".repeat(long)],
    ["empty lines", "\n".repeat(long)],
    ["one word", "x".repeat(2 * long)],
    ["one key", `${"x".repeat(2 * long)}: 1`],
    ["one number", `merge_method: karcher\nparameters: { tol: ${"9".repeat(2 * long)} }`],
    ["one quote", `a: "${"x\\n".repeat(long / 2)}`],
    ["bytes", " ".repeat(maxRecipeBytes + 1)],
  ])("%s are refused in few words", async (_, text) => {
    const problems = await problemsOf(new TextEncoder().encode(text));
    expect(problems.length).toBeLessThan(60);
    for (const problem of problems) expect(problem.length).toBeLessThan(600);
  });

  test("as many slices as there may be are read", async () => {
    const slice = "  - sources: [{ model: a, layer_range: [0, 1] }]\n";
    const { merges } = await parse(
      new TextEncoder().encode(`merge_method: passthrough\nslices:\n${slice.repeat(1000)}`),
    );
    expect(merges[0]?.recipe.slices).toHaveLength(1000);
  });
});
