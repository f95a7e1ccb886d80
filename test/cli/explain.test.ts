import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import type { RecipeSource } from "../../src/index.ts";
import { runLine } from "./host.ts";
import { inlineEngine as engine } from "./inline-engine.ts";
import { folderWith } from "./small-models.ts";

/** What is explained of a recipe whose models lie in `@`, with what follows it on the line. */
async function explained(
  recipe: string,
  args: readonly string[] = [],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const folder = folderWith("", { a: 3, b: 3, base: 3 });
  const file = join(folder, "recipe.yml");
  writeFileSync(file, recipe.replaceAll("@", folder));
  const { code, out, err } = await runLine(["explain", file, ...args], { engine });
  return { code, out: out.replaceAll(folder, "@"), err: err.replaceAll(folder, "@") };
}

const ties = `merge_method: ties
base_model: "@/base"
models:
  - model: "@/a"
    parameters:
      weight: [0, 1]
      density: [{ filter: mlp, value: 0.25 }, { value: 0.5 }]
  - model: "@/b"
    parameters: { weight: 2 }
`;

const chain = `name: first
merge_method: linear
models: [{ model: "@/a" }, { model: "@/b" }]
parameters: { weight: 1 }
---
merge_method: task_arithmetic
base_model: "@/base"
models: [{ model: first, parameters: { weight: 0.5 } }]
`;

describe("explain recipe.yml", () => {
  test("tells tensors that are made alike together", async () => {
    const { code, out } = await explained(
      'merge_method: linear\nmodels: [{ model: "@/a" }, { model: "@/b" }]\nparameters: { weight: 0.5 }\n',
    );
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "8 tensors of F32
        lm_head.weight [2, 2]
        model.embed_tokens.weight [2, 2]
        model.layers.0.mlp.up_proj.weight [2, 2]
        model.layers.0.self_attn.q_proj.weight [2, 2]
        model.layers.1.mlp.up_proj.weight [2, 2]
        and 3 more
        merge        linear: λ·Σ wᵢ·dᵢ, every wᵢ divided by Σ w first when normalised
          weight     0.5 0.5
          normalize  true
          scale      1
        model 1      @/a F32
        model 2      @/b F32"
    `);
  });

  test("--tensor NAME has the values of that tensor, of gradients and filters too", async () => {
    const name = "model.layers.1.mlp.up_proj.weight";
    expect((await explained(ties, ["--tensor", name])).out).toMatchInlineSnapshot(`
      "1 tensor of F32, at 0.5 of the layers
        model.layers.1.mlp.up_proj.weight [2, 2]
        sparsify     trim: t = quantile(|d|, 1-p), linearly interpolated, or by count the ⌊p·n⌋-th largest |d|, at least the largest; elements with |d| < t become 0; rescale: times Σ|d| / Σ|kept|
          reserve    0.25 1
          threshold  count
          rescale    false
        merge        ties: vᵢ = wᵢ·dᵢ; s = + if Σ v ≥ 0 (or more vᵢ > 0 than vᵢ < 0), else -; λ·Σ of the vᵢ with sign s, divided by Σ of their wᵢ when normalised
          weight     0.5 2
          elect      sum
          normalize  true
          scale      1
        base         @/base F32
        model 1      @/a F32
        model 2      @/b F32"
    `);
  });

  test("--tensor takes a part of names, in which values may differ", async () => {
    const { out } = await explained(ties, ["--tensor", "self_attn"]);
    expect(out.match(/^ {4}weight .*$/gm)).toEqual([
      "    weight     0 2",
      "    weight     0.5 2",
      "    weight     1 2",
    ]);
    expect(out.match(/^1 tensor.*$/gm)).toEqual([
      "1 tensor of F32",
      "1 tensor of F32, at 0.5 of the layers",
      "1 tensor of F32, at 1 of the layers",
    ]);
    expect(out.match(/reserve .*$/gm)).toEqual(["reserve    0.5 1", "reserve    0.5 1", "reserve    0.5 1"]);
  });

  test("tells beneath a merge what goes into it from earlier ones", async () => {
    expect((await explained(chain, ["--tensor", "lm_head"])).out).toMatchInlineSnapshot(`
      "1 tensor of F32
        lm_head.weight [2, 2]
        merge        linear: λ·Σ wᵢ·dᵢ, every wᵢ divided by Σ w first when normalised
          weight     0.5
          normalize  false
          scale      1
        base         @/base F32
        model 1      first F32
        where first is
          merge        linear: λ·Σ wᵢ·dᵢ, every wᵢ divided by Σ w first when normalised
            weight     1 1
            normalize  true
            scale      1
          model 1      @/a F32
          model 2      @/b F32"
    `);
  });

  test("--json has the same as data", async () => {
    const { out } = await explained(chain, ["--tensor", "lm_head.weight", "--json"]);
    expect(JSON.parse(out)).toEqual([
      {
        name: "lm_head.weight",
        dtype: "F32",
        shape: [2, 2],
        position: 0,
        combination: {
          merge: { method: "linear", parameters: { weight: [0.5], normalize: false, scale: 1 } },
        },
        base: { model: { path: "@/base" }, name: "lm_head.weight", dtype: "F32", shape: [2, 2] },
        sources: [
          {
            model: { path: "first", merge: "first" },
            name: "lm_head.weight",
            dtype: "F32",
            shape: [2, 2],
            madeOf: expect.objectContaining({
              combination: {
                merge: { method: "linear", parameters: { weight: [1, 1], normalize: true, scale: 1 } },
              },
              sources: [
                expect.objectContaining({ model: { path: "@/a" } }),
                expect.objectContaining({ model: { path: "@/b" } }),
              ],
            }) as object,
          },
        ],
      },
    ]);
  });

  test("refuses a tensor that the output does not have", async () => {
    const { code, out, err } = await explained(chain, ["--tensor", "model.layers.3."]);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: "",
      err: `Refused
  --tensor: no tensor of the output has "model.layers.3." in its name
    explain without --tensor lists them all`,
    });
  });
});

test.each([
  [[], "explain needs a recipe: a .yml file, or a .json one with flags as keys"],
  [
    ["recipe.txt"],
    '"recipe.txt" is neither a recipe nor a configuration: its name ends in none of .yml, .yaml and .json',
  ],
  [["a.yml", "b.yml"], 'the argument "b.yml" is one too many'],
  [["a.yml", "--tensor"], "--tensor: needs a value: --tensor NAME"],
])("explain %j is refused", async (args, message) => {
  const readRecipe = (file: string): Promise<RecipeSource> => Promise.resolve({ text: ties, file });
  const { code, err } = await runLine(["explain", ...args], { engine: { ...engine, readRecipe } });
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
