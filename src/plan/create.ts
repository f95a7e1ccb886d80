import { refuseIfAny, TensorweldError } from "../errors.ts";
import { layoutShards } from "../formats/safetensors/write.ts";
import type { Storage } from "../io/storage.ts";
import type { Request } from "../recipe/recipe.ts";
import { sha256Hex } from "../sha256.ts";
import { companionFiles } from "./companions.ts";
import { mismatches } from "./match.ts";
import { distinctModels, leadingModel, openModels } from "./models.ts";
import { diskProblems, occupiedProblems } from "./output.ts";
import type { Document, Plan } from "./plan.ts";
import { scheduleOf } from "./schedule.ts";
import { copyNotices, inputFiles, outputTensors, tensorTasks } from "./tasks.ts";

/**
 * The plan that carries out a request: headers are read, nothing is written.
 * @param documents small files that the output is to have beside its weights and their index.
 * @throws TensorweldError `refused`, with every problem found.
 */
export async function createPlan(
  request: Request,
  documents: readonly Document[],
  storage: Storage,
): Promise<Plan> {
  const { recipe, settings } = request;
  const occupied = await occupiedProblems(storage, settings.outputPath);
  const models = await openModels(storage, recipe);
  if ("problems" in models) throw new TensorweldError("refused", [...occupied, ...models.problems]);
  refuseIfAny([...occupied, ...mismatches(models)]);

  const metadata = new Map([["format", leadingModel(models).metadata.get("format") ?? "pt"]]);
  const { prefix, maxShardBytes } = recipe;
  const layout = layoutShards(outputTensors(models, recipe), { prefix, maxShardBytes, metadata });
  const inputs = inputFiles(models);
  const uncut = tensorTasks(models, recipe, layout.shards, inputs);
  const shards = layout.shards.map(({ name, size, header }) => ({ name, size, header }));
  const texts = layout.index === undefined ? documents : [layout.index, ...documents];
  const reserved = [...shards, ...texts].map(({ name }) => name);
  const beside = await companionFiles(storage, models, recipe, reserved);

  const { tasks, schedule, cost, problems } = scheduleOf(uncut, settings);
  const outputBytes = shards.reduce((sum, { size }) => sum + size, beside.bytes);
  refuseIfAny([
    ...beside.problems,
    ...problems,
    ...(await diskProblems(storage, settings.outputPath, outputBytes)),
  ]);
  const decided = {
    version: 1,
    recipe,
    inputs,
    shards,
    documents: texts,
    companions: beside.companions,
  } as const;
  return {
    ...decided,
    // The tasks follow from what is hashed: they need not be, and for a large model they are long.
    hash: await sha256Hex(new TextEncoder().encode(JSON.stringify(decided))),
    tasks,
    schedule,
    cost,
    notices: [
      ...request.notices,
      ...distinctModels(models).flatMap(({ notices }) => notices),
      ...copyNotices(models),
    ],
  };
}
