import { join } from "node:path";

import { executePlan, type ExecuteOptions } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { AppliedMethod, Combination } from "../../src/methods/formula.ts";
import type { ParameterValue, ParameterValues } from "../../src/methods/parameters.ts";
import { type RecipeMethod, recipeMethods, type RecipeStep } from "../../src/methods/recipe-methods.ts";
import { createPlan } from "../../src/plan/create.ts";
import type { ModelReference } from "../../src/recipe/recipe.ts";
import { temporaryFolder, writeCheckpoint } from "./checkpoint.ts";
import { readPlainTensors } from "./plain-safetensors.ts";

/** A tensor's rows, or a tensor of one axis. */
export type Rows = readonly (readonly number[])[] | readonly number[];

/** What a recipe says: a method by its name in recipes, its parameters by theirs, and what is merged. */
export interface RecipeInput {
  readonly method: string;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly base?: Rows;
  readonly models: readonly Rows[];
  readonly dtype?: "F32" | "F64" | "BF16";
  readonly seed?: number;
  /** Of the tensor, which random numbers depend on. */
  readonly name?: string;
}

/** The merged elements, by the very path of a merge: files, plan, work. */
export async function mergeRecipe(input: RecipeInput, options: ExecuteOptions = {}): Promise<Float64Array> {
  const { dtype = "F32", seed = 42, name = "w" } = input;
  const method = recipeMethods.get(input.method)!;
  const folder = temporaryFolder();
  const write = (model: string, rows: Rows): ModelReference => ({
    path: writeCheckpoint(join(folder, model), { [name]: { dtype, ...shaped(rows) } }),
  });
  const base = input.base === undefined ? undefined : write("base", input.base);
  const models = input.models.map((rows, index) => write(`model-${index}`, rows));
  const isFirst = base !== undefined && method.base === "first";
  const recipe = {
    models: isFirst ? [base, ...models] : models,
    ...(base !== undefined && !isFirst && { base }),
    combination: combinationOf(method, input.parameters ?? {}),
    prefix: "model",
    maxShardBytes: 1e9,
    modelCard: false,
    seed,
  } as const;
  const outputPath = join(folder, "output");
  const settings = {
    outputPath,
    workers: 1,
    memoryBytes: 256e6,
    allowNonFinite: true,
    writeReport: false,
    resume: false,
    overwrite: false,
    strict: false,
  };
  const noTexts = (): Promise<{ metadata: Map<string, string>; documents: []; nameless: [] }> =>
    Promise.resolve({ metadata: new Map(), documents: [], nameless: [] });
  const plan = await createPlan({ recipe, settings, notices: [] }, noTexts, nodeStorage, undefined);
  await executePlan(plan, options, { storage: nodeStorage, startThread: startInline(nodeStorage) });
  return readPlainTensors(join(outputPath, "model.safetensors")).get(name)!.values;
}

/** What a method of recipes does with these values of its parameters. */
export function combinationOf(
  { sparsify, merge, parameters }: RecipeMethod,
  given: Readonly<Record<string, ParameterValue>>,
): Combination {
  const applied = ({ method, values }: RecipeStep, step: "sparsify" | "merge"): AppliedMethod => {
    const set = Object.entries(parameters)
      .filter(([, parameter]) => parameter.step === step)
      .map(([key, { parameter, default: assumed }]) => [parameter, given[key] ?? assumed])
      .filter(([, value]) => value !== undefined);
    const own = Object.fromEntries(set) as ParameterValues;
    return { method, parameters: { ...values, ...own } };
  };
  return {
    ...(sparsify && { sparsify: applied(sparsify, "sparsify") }),
    merge: applied(merge, "merge"),
  };
}

function shaped(rows: Rows): { readonly shape: readonly number[]; readonly values: readonly number[] } {
  const isList = (row: number | readonly number[]): row is readonly number[] => typeof row === "object";
  const values = rows.flatMap((row) => row);
  const lengths = rows.filter(isList).map((row) => row.length);
  return { shape: lengths.length > 0 ? [lengths.length, lengths[0]!] : [values.length], values };
}
