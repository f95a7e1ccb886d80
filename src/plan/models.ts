import { type Problem, TensorweldError } from "../errors.ts";
import type { Checkpoint } from "../formats/checkpoint.ts";
import { openCheckpoint } from "../formats/index.ts";
import { quantisationOf, quantisedProblem } from "../formats/quantisation.ts";
import type { Storage } from "../io/storage.ts";
import type { Recipe } from "../recipe/recipe.ts";

/** The checkpoints of a recipe, their headers read. */
export interface Models {
  readonly base?: Checkpoint;
  /** In the recipe's order. */
  readonly models: readonly Checkpoint[];
}

/** Opens every checkpoint of a recipe, or says what is wrong with all those that can't be opened. */
export async function openModels(
  storage: Storage,
  { base, models, prefix }: Recipe,
): Promise<Models | { readonly problems: readonly Problem[] }> {
  const paths = base === undefined ? models : [base, ...models];
  const problems: Problem[] = [];
  const opened = new Map<string, Checkpoint>();
  for (const path of new Set(paths)) {
    try {
      const checkpoint = await openCheckpoint(storage, path, prefix);
      const method = await quantisationOf(storage, checkpoint);
      if (method !== undefined) problems.push(quantisedProblem(checkpoint, method));
      opened.set(path, checkpoint);
    } catch (error) {
      if (!(error instanceof TensorweldError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) return { problems };
  return {
    ...(base !== undefined && { base: opened.get(base)! }),
    models: models.map((path) => opened.get(path)!),
  };
}

/** The checkpoint that decides what the output looks like: the base, else the first model. */
export function leadingModel({ base, models }: Models): Checkpoint {
  return base ?? models[0]!;
}

/** All checkpoints, the base first, each once. */
export function distinctModels({ base, models }: Models): readonly Checkpoint[] {
  return [...new Set(base === undefined ? models : [base, ...models])];
}
