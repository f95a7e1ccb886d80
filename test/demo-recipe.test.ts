import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { explain, mergeRecipe, verify } from "tensorweld";
import { expect, test } from "vitest";

import { loadLlama } from "../examples/demo/llama.ts";
import { type Score, scoreText } from "../examples/demo/score.ts";
import { temporaryFolder } from "./support/checkpoint.ts";

const demo = fileURLToPath(new URL("../examples/demo/", import.meta.url));
const file = join(demo, "recipe.yml");
// Its paths are those from the repository's root, wherever the tests run.
const text = readFileSync(file, "utf8").replaceAll("examples/demo/", demo);

test("the demo's recipe gives each layer the values it says", async () => {
  const tensors = await explain({}, { text, file });
  const made = (name: string): unknown => tensors.find((tensor) => tensor.name === name)!.combination;
  const combination = (density: readonly number[], weight: readonly number[]): object => ({
    sparsify: expect.objectContaining({
      parameters: expect.objectContaining({ reserve: density }) as object,
    }),
    merge: expect.objectContaining({ parameters: expect.objectContaining({ weight }) as object }),
  });
  expect(made("model.layers.1.mlp.up_proj.weight")).toEqual(combination([0.8, 0.9], [0.5, 0.5]));
  expect(made("model.layers.2.self_attn.q_proj.weight")).toEqual(combination([0.8, 0.7], [0.6, 0.4]));
  expect(made("lm_head.weight")).toEqual(combination([0.8, 0.7], [0.4, 0.6]));
});

test("the demo's recipe makes a model that is better than the base at both texts", async () => {
  const output_path = join(temporaryFolder(), "merged");
  await mergeRecipe({ text, file }, { output_path });
  expect((await verify(output_path)).problems).toEqual([]);
  const model = await loadLlama(output_path);
  const expected = JSON.parse(readFileSync(join(demo, "expected.json"), "utf8")) as Record<
    string,
    { readonly bible: Score; readonly python: Score }
  >;
  for (const domain of ["bible", "python"] as const) {
    const { bitsPerByte } = scoreText(model, readFileSync(join(demo, "text", `${domain}.txt`)));
    expect(bitsPerByte).toBeLessThan(expected["base"]![domain].bitsPerByte - 0.05);
  }
}, 120_000);
