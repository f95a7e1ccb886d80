import { executePlan, type ExecuteOptions, type Report } from "./execute/execute.ts";
import { startNodeThread } from "./execute/node-threads.ts";
import type { Checkpoint, TensorInfo } from "./formats/checkpoint.ts";
import type { WeightPrefix } from "./formats/format.ts";
import { openCheckpoint } from "./formats/index.ts";
import { quantisationOf } from "./formats/quantisation.ts";
import { decodeUtf8 } from "./formats/utf8.ts";
import { TensorweldError } from "./errors.ts";
import { availableCores } from "./io/node-machine.ts";
import { nodeStorage } from "./io/node.ts";
import { readSmallFile } from "./io/storage.ts";
import { createPlan } from "./plan/create.ts";
import type { Plan } from "./plan/plan.ts";
import { parseConfigFile } from "./recipe/config-file.ts";
import { parseRequest } from "./recipe/config.ts";
import { configurationOf } from "./recipe/configuration.ts";
import type { Config } from "./recipe/flags.ts";

export {
  describeProblem,
  didYouMean,
  isTensorweldError,
  type Outcome,
  type Problem,
  type ProblemCode,
  TensorweldError,
} from "./errors.ts";
export type { DType } from "./dtype.ts";
export type { ExecuteOptions, Progress, Report } from "./execute/execute.ts";
export type { InputFile, TensorInfo } from "./formats/checkpoint.ts";
export type { BackendName } from "./kernels/index.ts";
export type { Method, Sparsifier } from "./methods/define.ts";
export type { Parameter, ParameterValues } from "./methods/parameters.ts";
export type { AppliedMethod, Combination } from "./methods/formula.ts";
export { type Pair, pairs, sparsifiers } from "./methods/index.ts";
export type { TensorReport } from "./execute/tensor-report.ts";
export type { Plan, TensorTask } from "./plan/plan.ts";
export type { Recipe } from "./recipe/recipe.ts";
export type { Flag } from "./recipe/flag.ts";
export { combinationName } from "./recipe/combination-name.ts";
export { type Config, flags } from "./recipe/flags.ts";
export { overrideConfig } from "./recipe/read-flags.ts";
export { methods } from "./methods/index.ts";

/** Longest configuration file that is read. People write them by hand; a larger one is some other file. */
const MAX_CONFIG_BYTES = 1_000_000;

/**
 * Merges models: plans, executes, and resolves when the output stands complete at `output_path`.
 * @param config the flags of the command line as an object, for example
 *   `{ merge_method: "linear", model_path_list: ["a", "b"], output_path: "merged" }`.
 * @throws TensorweldError with every problem found; then there is no output, and the inputs are untouched.
 */
export async function merge(config: Config, options: ExecuteOptions = {}): Promise<Report> {
  return execute(await plan(config), options);
}

/**
 * What a merge would read, do and write, as plain data: headers are read, nothing is written.
 * @throws TensorweldError `refused`, with every problem found.
 */
export async function plan(config: Config): Promise<Plan> {
  const resolve = (path: string): string => nodeStorage.resolve(path);
  const context = { resolve, cores: availableCores() };
  const request = parseRequest(config, context);
  const configuration = { name: "merge_config.json", text: configurationOf(request.recipe) };
  return createPlan(request, [configuration], nodeStorage);
}

/**
 * Carries out a plan, on worker threads, within the memory it states.
 * @throws TensorweldError `failed` or `interrupted`; then there is no output, and the inputs are untouched.
 */
export async function execute(plan: Plan, options: ExecuteOptions = {}): Promise<Report> {
  return executePlan(plan, options, { storage: nodeStorage, startThread: startNodeThread });
}

/** A checkpoint as its headers describe it. */
export interface Inspection extends Omit<Checkpoint, "tensors" | "metadata"> {
  readonly tensors: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
  /** What it is quantised with, when it is. */
  readonly quantisation?: string;
}

/**
 * The tensors of a checkpoint, from its headers alone.
 * @param path its folder, or one weight file.
 * @param prefix which family of weight files is meant, where a folder holds several.
 * @throws TensorweldError `refused` when it can't be read, with every problem found.
 */
export async function inspect(path: string, prefix: WeightPrefix = "model"): Promise<Inspection> {
  const checkpoint = await openCheckpoint(nodeStorage, path, prefix);
  const quantisation = await quantisationOf(nodeStorage, checkpoint);
  return {
    ...checkpoint,
    tensors: [...checkpoint.tensors.values()],
    metadata: Object.fromEntries(checkpoint.metadata),
    ...(quantisation !== undefined && { quantisation }),
  };
}

/**
 * The configuration in a JSON file, ready to be given to {@link merge}; flags can be laid over it.
 * @throws TensorweldError `refused`, with line and column.
 */
export async function readConfig(path: string): Promise<Config> {
  const file = nodeStorage.resolve(path);
  const text = decodeUtf8(await readSmallFile(nodeStorage, file, MAX_CONFIG_BYTES));
  if (text !== undefined) return parseConfigFile(text, file);
  const message = "is not text in UTF-8";
  throw new TensorweldError("refused", [{ code: "request/unreadable-config", file, message }]);
}
