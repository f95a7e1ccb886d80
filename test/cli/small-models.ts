import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";

const layerNames = ["self_attn.q_proj", "mlp.up_proj"];

/** A folder with models of some layers, by their names, and a recipe beside them. */
export function folderWith(recipe: string, models: Readonly<Record<string, number>>): string {
  const folder = temporaryFolder();
  for (const [index, [name, layers]] of Object.entries(models).entries()) {
    const inLayers = Array.from({ length: layers }, (_, layer) =>
      layerNames.map((part) => [`model.layers.${layer}.${part}.weight`, matrix(index + layer + 1)] as const),
    );
    const path = writeCheckpoint(join(folder, name), {
      "model.embed_tokens.weight": matrix(index + 10),
      ...Object.fromEntries(inLayers.flat()),
      "lm_head.weight": matrix(index + 20),
    });
    writeFileSync(join(path, "config.json"), JSON.stringify({ num_hidden_layers: layers }));
  }
  writeFileSync(join(folder, "recipe.yml"), recipe);
  return folder;
}

function matrix(first: number): TestTensor {
  return { dtype: "F32", shape: [2, 2], values: [first, -first, first / 2, 1] };
}
