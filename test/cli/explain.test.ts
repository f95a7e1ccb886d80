import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

import { explain, readConfig, readRecipe } from "../../src/index.ts";
import { temporaryFolder } from "../support/checkpoint.ts";
import { type Outcome, runLine } from "./host.ts";

const models = fileURLToPath(new URL("../golden/mergekit/models/", import.meta.url));

/** What `explain` says of a recipe; in its text `{a}` stands for the path of the model a. */
async function explained(text: string, ...flags: readonly string[]): Promise<Outcome> {
  const file = join(temporaryFolder(), "recipe.yml");
  writeFileSync(
    file,
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => JSON.stringify(join(models, name))),
  );
  return runLine(["explain", file, ...flags], { engine: { explain, readConfig, readRecipe } });
}

const ties = `merge_method: ties
base_model: {base}
models:
- model: {a}
  parameters:
    weight: 1
    density: [1, 0.5]
- model: {b}
  parameters:
    weight:
    - filter: mlp
      value: 0.25
    - value: 0.75
`;

describe("explain", () => {
  test("one tensor: sources, steps, and the values its place and name give it", async () => {
    const { code, out } = await explained(ties, "--tensor", "model.layers.1.mlp.up_proj.weight");
    expect(code).toBe(0);
    expect(out).toContain("1 tensor of F32, at 1 of the layers");
    expect(out).toMatch(/reserve +0\.5 1\n/);
    expect(out).toMatch(/weight +1 0\.25\n/);
    expect(out).toContain(join(models, "base"));
  });

  test("tensors that are made alike are told together", async () => {
    const { out } = await explained(ties);
    expect(out).toContain("9 tensors of F32");
    expect(out).toContain("and 4 more");
  });

  test("as JSON, every tensor by itself", async () => {
    const { out } = await explained(ties, "--json", "--tensor", "embed_tokens");
    expect(JSON.parse(out)).toMatchObject([
      {
        name: "model.embed_tokens.weight",
        position: 0,
        base: { name: "model.embed_tokens.weight" },
        sources: [{ dtype: "F32" }, { dtype: "F32" }],
        combination: { merge: { method: "ties", parameters: { weight: [1, 0.75] } } },
      },
    ]);
  });

  test("layers of slices, with their names in the models", async () => {
    const source = "layer_range: [1, 2]";
    const text = `merge_method: passthrough\nslices:\n- sources: [{ model: {a}, ${source} }]\n- sources: [{ model: {b}, ${source} }]\n`;
    const { out } = await explained(text, "--tensor", "model.layers.0.mlp.up_proj.weight");
    expect(out).toContain("copied from");
    expect(out).toContain("model.layers.1.mlp.up_proj.weight");
  });

  test("what an earlier merge of the file brings stands beneath", async () => {
    const first =
      "name: first\nmerge_method: slerp\nbase_model: {a}\nmodels: [{ model: {a} }, { model: {b} }]\n";
    const second = "merge_method: karcher\nmodels: [{ model: first }, { model: {c} }]\n";
    const { out } = await explained(`${first}parameters: { t: 0.3 }\n---\n${second}`, "--tensor", "lm_head");
    expect(out).toMatch(/where first is\n +merge +slerp/);
  });

  test("a name that no tensor has is refused", async () => {
    const { code, err } = await explained(ties, "--tensor", "layers.9");
    expect(code).toBe(2);
    expect(err).toContain('no tensor of the output has "layers.9" in its name');
  });
});

describe("what is wrong with models is told at the line that names them", () => {
  test.each([
    [
      "a layer range beyond the model",
      "merge_method: passthrough\nslices:\n- sources:\n  - model: {a}\n    layer_range: [0, 9]\n",
      "recipe.yml:4:12: layers 0 to 8 are wanted, and it has 2",
    ],
    [
      "a tensor that one lacks",
      "merge_method: karcher\nmodels:\n- model: {deep}\n- model: {a}\n",
      'recipe.yml:4:10, tensor "model.layers.2.input_layernorm.weight": is missing here',
    ],
    [
      "a method that there is none",
      "merge_method: tties\nmodels: [{ model: {a} }]\n",
      "recipe.yml:1:15: there is no",
    ],
    [
      "a misspelt parameter",
      ties.replace("density", "densty"),
      'recipe.yml:7:5: ties has no parameter "densty"\n    did you mean density?',
    ],
    [
      "a weight beside the parameters",
      `${ties}- model: {c}\n  weight: 1\n  parameters: { weight: 1 }\n`,
      'recipe.yml:15:3: an item of models has no key "weight"\n    weight is a parameter: write it in parameters:',
    ],
  ])("%s", async (_, text, message) => {
    const { code, err } = await explained(text);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
