import { join } from "node:path";

import { outputTexts } from "../../src/documents/output-texts.ts";
import { executePlan } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { createPlan } from "../../src/plan/create.ts";
import type { Recipe, Request } from "../../src/recipe/recipe.ts";
import { type PlainTensor, readPlainTensors } from "./plain-safetensors.ts";

/** Carries out a recipe that no flags can say; returns the output's tensors. */
export async function runRecipe(
  recipe: Recipe,
  outputPath: string,
): Promise<ReadonlyMap<string, PlainTensor>> {
  const settings: Request["settings"] = {
    outputPath,
    workers: 1,
    memoryBytes: 100_000_000,
    allowNonFinite: false,
    writeReport: false,
    resume: false,
    overwrite: false,
    strict: false,
  };
  const request: Request = { recipe, settings, notices: [] };
  const texts: Parameters<typeof createPlan>[1] = (models, format) =>
    outputTexts(nodeStorage, request, models, format);
  const plan = await createPlan(request, texts, nodeStorage, undefined);
  await executePlan(plan, {}, { storage: nodeStorage, startThread: startInline(nodeStorage) });
  return readPlainTensors(join(outputPath, plan.shards[0]!.name));
}
