import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { readPlainTensors } from "../support/plain-safetensors.ts";
import { writeCheckpoint } from "../support/checkpoint.ts";
import { type Outcome, runLine } from "./host.ts";
import { inlineEngine as engine } from "./inline-engine.ts";
import { folderWith } from "./small-models.ts";

const linear = `merge_method: linear
models:
  - model: a
    parameters: { weight: 3 }
  - model: b
    parameters: { weight: 1 }
`;

/** Runs a line in which `@` stands for the folder; in what is printed it does, too. */
async function runIn(folder: string, line: string): Promise<Outcome> {
  const outcome = await runLine(line.replaceAll("@", folder).split(" "), { engine });
  const [out, err] = [outcome.out, outcome.err].map((text) => text.replaceAll(folder, "@"));
  return { ...outcome, out: out!, err: err! };
}

/** Recipes name models by paths from where the program runs; these are at home in their folder. */
function recipeIn(text: string, models: Readonly<Record<string, number>> = { a: 2, b: 2 }): string {
  const folder = folderWith(text, models);
  const absolute = text.replaceAll(
    /(model: )(\w+)/g,
    (_, key, name) => `${String(key)}${folder}/${String(name)}`,
  );
  writeFileSync(join(folder, "recipe.yml"), absolute);
  return folder;
}

function firstElements(folder: string, name: string): readonly number[] {
  const { values } = readPlainTensors(join(folder, "out", "model.safetensors")).get(name)!;
  return [...values].slice(0, 2);
}

describe("merge recipe.yml", () => {
  test.each(["@/out", "--output_path @/out", "@/out --output_path @/out"])("%s", async (output) => {
    const folder = recipeIn(linear);
    const { code, out } = await runIn(folder, `merge @/recipe.yml ${output}`);
    expect([code, out]).toEqual([0, expect.stringContaining("Merged 2 models.")]);
    expect(firstElements(folder, "lm_head.weight")).toEqual([20.25, -20.25]);
    expect(readFileSync(join(folder, "out", "mergekit_config.yml"), "utf8")).toBe(
      readFileSync(join(folder, "recipe.yml"), "utf8"),
    );
  });

  test("refuses two places for one output", async () => {
    const folder = recipeIn(linear);
    const { code, err } = await runIn(folder, "merge @/recipe.yml @/out --output_path @/other");
    expect([code, err]).toEqual([
      2,
      `Refused
  --output_path: is "@/other", and the argument after the recipe "@/out"
    leave one of the two out`,
    ]);
    expect(["out", "other"].map((name) => existsSync(join(folder, name)))).toEqual([false, false]);
  });

  test("refuses flags that say what the recipe says", async () => {
    const { code, err } = await runIn(recipeIn(linear), "merge @/recipe.yml @/out --merge_method ties");
    expect([code, err]).toEqual([2, expect.stringContaining("--merge_method: says what is merged")]);
  });

  test("needs a place for its output", async () => {
    const { code, err } = await runIn(recipeIn(linear), "merge @/recipe.yml");
    expect([code, err]).toEqual([2, expect.stringContaining("--output_path: is missing")]);
  });

  test("--lenient ignores what mergekit ignores, with a notice", async () => {
    const folder = recipeIn(`${linear}parameters: { densty: 0.5 }\n`);
    const strict = await runIn(folder, "merge @/recipe.yml @/out");
    expect([strict.code, strict.err]).toEqual([
      2,
      expect.stringContaining('@/recipe.yml:7:15: linear has no parameter "densty"'),
    ]);
    const lenient = await runIn(folder, "merge @/recipe.yml @/out --lenient");
    expect([lenient.code, lenient.err]).toEqual([
      0,
      'note @/recipe.yml:7:15: linear has no parameter "densty"; it is ignored.',
    ]);
  });
});

test("plan recipe.yml tells what is read and written, and where values are told", async () => {
  const folder = recipeIn(linear);
  const { code, out } = await runIn(folder, "plan @/recipe.yml @/out");
  expect(code).toBe(0);
  expect(out).toContain(`Merge
  method   linear
  values   tensorweld explain tells them for each tensor
  seed     42
  tensors  6 merged, 0 copied`);
  expect(out).toContain("    mergekit_config.yml");
  expect(existsSync(join(folder, "out"))).toBe(false);
});

test("check recipe.yml finds what keeps models from being merged, at the line that names them", async () => {
  const { code, out } = await runIn(recipeIn(linear, { a: 2, b: 1 }), "check @/recipe.yml @/out");
  expect([code, out]).toEqual([
    1,
    expect.stringContaining(
      '@/recipe.yml:5:12, tensor "model.layers.1.self_attn.q_proj.weight": is missing here, and present in @/a; here is @/b',
    ),
  ]);
});

describe("what is wrong has its line and column, and the fix", () => {
  test.each([
    [
      "an unknown method",
      linear.replace("linear", "liner"),
      '1:15: there is no merge_method "liner"',
      "did you mean linear?",
    ],
    [
      "a misspelt parameter",
      `merge_method: ties\nbase_model: a\nmodels:\n  - model: b\n    parameters: { weight: 1, densty: 0.5 }\n`,
      '5:30: ties has no parameter "densty"',
      "did you mean density?",
    ],
    [
      "a weight beside parameters:",
      "merge_method: linear\nmodels:\n  - model: a\n    weight: 3\n    parameters: { weight: 1 }\n",
      '4:5: an item of models has no key "weight"',
      "weight is a parameter: write it in parameters:",
    ],
    [
      "a wrong range of layers",
      "merge_method: passthrough\nslices:\n  - sources:\n      - { model: a, layer_range: [0, 1] }\n  - sources:\n      - { model: b, layer_range: [1, 3] }\n",
      "6:18: layers 1 to 2 are wanted, and it has 2, numbered from 0; here is @/b",
      "a range of layers begins at 0 or later, and ends at 2 or earlier, which is not in it",
    ],
  ])("%s", async (_, text, message, hint) => {
    const folder = recipeIn(text);
    for (const command of ["merge @/recipe.yml @/out", "explain @/recipe.yml"]) {
      const { code, err } = await runIn(folder, command);
      expect([code, err]).toEqual([2, `Refused\n  @/recipe.yml:${message}\n    ${hint}`]);
    }
  });

  test("a model that lacks a tensor", async () => {
    const folder = recipeIn(linear, { a: 0, b: 0 });
    rmSync(join(folder, "b"), { recursive: true });
    writeCheckpoint(join(folder, "b"), {
      "lm_head.weight": { dtype: "F32", shape: [2, 2], values: [1, 2, 3, 4] },
      "norm.weight": { dtype: "F32", shape: [2], values: [1, 2] },
    });
    const { code, err } = await runIn(folder, "merge @/recipe.yml @/out");
    expect([code, err]).toEqual([
      2,
      `Refused: 2 problems
  @/recipe.yml:5:12, tensor "model.embed_tokens.weight": is missing here, and present in @/a; here is @/b
    merge models of the same architecture, with all their weights
  @/recipe.yml:3:12, tensor "norm.weight": is missing here, and present in @/b; here is @/a
    merge models of the same architecture, with all their weights`,
    ]);
  });
});
