import type { OutputTexts } from "../documents/output-texts.ts";
import { TensorweldError } from "../errors.ts";
import { layoutShards } from "../formats/safetensors/write.ts";
import { isFinished } from "../manifest/read-manifest.ts";
import type { MachineMemory } from "../io/machine.ts";
import type { Storage } from "../io/storage.ts";
import type { Request } from "../recipe/recipe.ts";
import { sha256Hex } from "../sha256.ts";
import { memoryErrors, memoryWarnings } from "./checks/machine-memory.ts";
import { type Judgement, judged } from "./checks/strict.ts";
import { warningsOf } from "./checks/warnings.ts";
import { companionFiles } from "./companions.ts";
import { mismatches } from "./match.ts";
import { distinctModels, leadingModel, type Models, openModels } from "./models.ts";
import { diskProblems, occupiedProblems } from "./output.ts";
import { overlapProblems } from "./overlap.ts";
import type { Plan } from "./plan.ts";
import { scheduleOf } from "./schedule.ts";
import { copyNotices, inputFiles, outputTensors, tensorTasks } from "./tasks.ts";

/**
 * Gives what the output says of itself, from the models it is made of; `format` is whose tensors they are, as the header
 * will say: `pt`, or `np` for Paddle's.
 */
export type TextsOf = (models: Models, format: string) => Promise<OutputTexts>;

/** What is wrong with a request, and when nothing stops it, its plan. */
export interface Examination extends Judgement {
  readonly plan?: Plan;
}

/**
 * The plan that carries out a request; parameters as in {@link examine}.
 * @throws TensorweldError `refused`, with every error found.
 */
export async function createPlan(
  request: Request,
  textsOf: TextsOf,
  storage: Storage,
  memory: MachineMemory | undefined,
): Promise<Plan> {
  const { errors, plan } = await examine(request, textsOf, storage, memory);
  if (plan === undefined) throw new TensorweldError("refused", errors);
  return plan;
}

/**
 * All that can be said about a request before its work begins: headers and small files are read, nothing is written.
 * @param textsOf gives the output's documents, beside the index of its weights, and pairs for the weights' headers.
 * @param memory that of the machine, where it is known.
 * @throws TensorweldError what the storage throws.
 */
export async function examine(
  request: Request,
  textsOf: TextsOf,
  storage: Storage,
  memory: MachineMemory | undefined,
): Promise<Examination> {
  const { recipe, settings } = request;
  const occupied = await occupiedProblems(storage, settings);
  const models = await openModels(storage, recipe);
  if ("problems" in models) return { errors: [...occupied, ...models.problems], warnings: [] };
  const unfit = mismatches(models);
  const doubts = await warningsOf(storage, models, recipe);
  if (unfit.length > 0) return judged({ errors: [...occupied, ...unfit], warnings: doubts }, settings.strict);

  const format = leadingModel(models).checkpoint.metadata.get("format") ?? "pt";
  const { documents, nameless, ...own } = await textsOf(models, format);
  const metadata = new Map([["format", format], ...own.metadata]);
  const { prefix, maxShardBytes } = recipe;
  const layout = layoutShards(outputTensors(models, recipe), { prefix, maxShardBytes, metadata });
  const inputs = inputFiles(models);
  const uncut = tensorTasks(models, recipe, layout.shards, inputs);
  const shards = layout.shards.map(({ name, size, header }) => ({ name, size, header }));
  const index = layout.index === undefined ? [] : [layout.index];
  const reserved = [...shards, ...index, ...documents].map(({ name }) => name);
  const beside = await companionFiles(storage, models, recipe, reserved);

  const { tasks, schedule, cost, problems, notices } = scheduleOf(uncut, settings);
  const decided = {
    version: 1,
    recipe,
    inputs,
    shards,
    documents: [...index, ...documents],
    companions: beside.companions,
  } as const;
  // The tasks follow from what is hashed: they need not be, and for a large model they are long. The output's name decides
  // nothing but the card's title: under another one the merge is the same, and can go on.
  const identity = JSON.stringify({ ...decided, documents: [...index, ...nameless] });
  const hash = await sha256Hex(new TextEncoder().encode(identity));
  const isDone = settings.resume && (await isFinished(storage, settings.outputPath, hash));
  const outputBytes = shards.reduce((sum, { size }) => sum + size, beside.bytes);
  const errors = [
    ...(isDone ? [] : occupied),
    ...(await overlapProblems(storage, settings.outputPath, recipe, inputs)),
    ...beside.problems,
    ...problems,
    // What an earlier attempt has written takes its space already.
    ...(settings.resume ? [] : await diskProblems(storage, settings.outputPath, outputBytes)),
    ...memoryErrors(cost.peakBytes, memory),
  ];
  const warnings = [...doubts, ...beside.warnings, ...memoryWarnings(cost.peakBytes, memory)];
  const judgement = judged({ errors, warnings }, settings.strict);
  if (judgement.errors.length > 0) return judgement;
  const plan: Plan = {
    ...decided,
    hash,
    isFinished: isDone,
    tasks,
    schedule,
    cost,
    notices: [
      ...request.notices,
      ...distinctModels(models).flatMap(({ notices }) => notices),
      ...copyNotices(models),
      ...notices,
    ],
    warnings,
  };
  return { ...judgement, plan };
}
