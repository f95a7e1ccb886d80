import { looksLikeAdapter, openAdapter } from "./adapters/adapter.ts";
import { type AdapterSummary, summaryOf } from "./adapters/summary.ts";
import { outputTexts } from "./documents/output-texts.ts";
import { executePlan, type ExecuteOptions } from "./execute/execute.ts";
import { listNodeDevices } from "./execute/node-devices.ts";
import { startNodeGpuThreads } from "./execute/node-gpu-threads.ts";
import type { Report } from "./execute/report.ts";
import { startNodeThread } from "./execute/node-threads.ts";
import type { Checkpoint, TensorInfo } from "./formats/checkpoint.ts";
import type { WeightPrefix } from "./formats/format.ts";
import { openCheckpoint } from "./formats/index.ts";
import { quantisationOf } from "./formats/quantisation.ts";
import { decodeUtf8 } from "./formats/utf8.ts";
import { isTensorweldError, type Problem, TensorweldError } from "./errors.ts";
import { findOnThisMachine } from "./io/node-hub-cache.ts";
import { availableCores, machineMemory } from "./io/node-machine.ts";
import { nodeStorage } from "./io/node.ts";
import type { AdapterDescription } from "./kernels/webgpu/adapter.ts";
import { readSmallFile } from "./io/storage.ts";
import type { Verification } from "./manifest/verification.ts";
import { verifyOutput, type VerifyOptions } from "./manifest/verify.ts";
import { createPlan, examine, type TextsOf } from "./plan/create.ts";
import { explainRequest, type TensorExplanation } from "./plan/explain.ts";
import type { Plan } from "./plan/plan.ts";
import { parseConfigFile } from "./recipe/config-file.ts";
import { parseRequest } from "./recipe/config.ts";
import type { Config } from "./recipe/flag-values.ts";
import type { Request } from "./recipe/recipe.ts";
import type { FileRequestContext } from "./recipe/yaml/request.ts";
import { maxRecipeBytes, type RecipeSource, recipeText } from "./recipe/yaml/recipe-text.ts";

export {
  describeProblem,
  didYouMean,
  isTensorweldError,
  type Outcome,
  type Problem,
  type ProblemCode,
  TensorweldError,
} from "./errors.ts";
export type { AdapterSummary } from "./adapters/summary.ts";
export type { DType } from "./dtype.ts";
export type { ExecuteOptions } from "./execute/execute.ts";
export type { Progress } from "./execute/progress.ts";
export type { Report } from "./execute/report.ts";
export type { InputFile, TensorInfo } from "./formats/checkpoint.ts";
export type { BackendName } from "./kernels/index.ts";
export type { AdapterDescription } from "./kernels/webgpu/adapter.ts";
export type { NonFiniteTensor, Verification } from "./manifest/verification.ts";
export type { VerifyOptions } from "./manifest/verify.ts";
export type { VerifyProgress } from "./manifest/verify-progress.ts";
export type { Method, Sparsifier } from "./methods/define.ts";
export type { Parameter, ParameterValues } from "./methods/parameters.ts";
export type { AppliedMethod, Combination } from "./methods/formula.ts";
export { type Pair, pairs, parts, sparsifiers } from "./methods/index.ts";
export { type RecipeMethod, recipeMethods, type RecipeParameter } from "./methods/recipe-methods.ts";
export type { TensorReport } from "./execute/tensor-report.ts";
export type { TensorExplanation, TensorSource } from "./plan/explain.ts";
export type { Plan, TensorTask } from "./plan/plan.ts";
export { modelText } from "./recipe/model-reference.ts";
export type { ModelReference, Recipe } from "./recipe/recipe.ts";
export type { Flag } from "./recipe/flag.ts";
export { combinationName } from "./recipe/combination-name.ts";
export type { Config } from "./recipe/flag-values.ts";
export { flags } from "./recipe/flags.ts";
export { overrideConfig } from "./recipe/read-flags.ts";
export { methods } from "./methods/index.ts";
export type { RecipeSource } from "./recipe/yaml/recipe-text.ts";
export { version } from "./version.ts";

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
 * Merges models as a recipe of mergekit's says: plans, executes, and resolves when the output stands complete.
 * @param config flags that say where the output goes and how the work is done: `{ output_path: "merged" }`.
 * @throws TensorweldError as {@link merge} does.
 */
export async function mergeRecipe(
  recipe: RecipeSource,
  config: Config,
  options: ExecuteOptions = {},
): Promise<Report> {
  return execute(await plan(config, recipe), options);
}

/**
 * What a merge would read, do and write, as plain data: headers are read, nothing is written.
 * @param recipe says what is merged; absent: the configuration does.
 * @throws TensorweldError `refused`, with every problem found.
 */
export async function plan(config: Config, recipe?: RecipeSource): Promise<Plan> {
  return createPlan(...(await requestOf(config, recipe)), nodeStorage, machineMemory());
}

/** What there is to say about a merge before it begins. */
export interface Check {
  /** What it would be refused for. */
  readonly errors: readonly Problem[];
  /** What speaks against it, and does not stop it. */
  readonly warnings: readonly Problem[];
  /** What it would take; absent when there are errors. */
  readonly plan?: Pick<Plan, "hash" | "cost" | "notices">;
}

/**
 * Everything that is wrong with a merge, as far as headers and small files tell; nothing is written.
 * @throws TensorweldError `refused` when the recipe or the configuration itself is at fault.
 */
export async function check(config: Config, recipe?: RecipeSource): Promise<Check> {
  const request = await requestOf(config, recipe);
  try {
    const { errors, warnings, plan } = await examine(...request, nodeStorage, machineMemory());
    if (plan === undefined) return { errors, warnings };
    const { hash, cost, notices } = plan;
    return { errors, warnings, plan: { hash, cost, notices } };
  } catch (error) {
    if (!isTensorweldError(error) || error.outcome !== "refused") throw error;
    return { errors: error.problems, warnings: [] };
  }
}

/**
 * What each tensor of a merge's output is made of, from headers alone; `config` needs no output path.
 * @throws TensorweldError `refused`, with every problem found.
 */
export async function explain(config: Config, recipe?: RecipeSource): Promise<readonly TensorExplanation[]> {
  // Nothing is written there: a request has a place for its output, and this has none.
  const [request] = await requestOf({ output_path: "explained", ...config }, recipe);
  return explainRequest(nodeStorage, request);
}

/** The request that a configuration makes, alone or beside a recipe, and what tells the texts of its output. */
async function requestOf(config: Config, recipe?: RecipeSource): Promise<readonly [Request, TextsOf]> {
  const context = {
    resolve: (path: string) => nodeStorage.resolve(path),
    exists: async (path: string) => (await nodeStorage.look(path)) !== undefined,
    findInHub: findOnThisMachine,
    cores: availableCores(),
  };
  const request =
    recipe === undefined ? parseRequest(config, context) : await fileRequestOf(recipe, config, context);
  return [request, (models, format) => outputTexts(nodeStorage, request, models, format)];
}

async function fileRequestOf(
  { text, file }: RecipeSource,
  config: Config,
  context: FileRequestContext,
): Promise<Request> {
  // What reads recipes takes 10 MB and 50 ms to load, which merges from flags do without.
  const { parseFileRequest } = await import("./recipe/yaml/request.ts");
  return parseFileRequest(text, file, config, context);
}

/**
 * Carries out a plan, on worker threads, within the memory it states.
 * @throws TensorweldError `failed` or `interrupted`; then there is no output, and the inputs are untouched.
 */
export async function execute(plan: Plan, options: ExecuteOptions = {}): Promise<Report> {
  return executePlan(plan, options, {
    storage: nodeStorage,
    startThread: startNodeThread,
    startGpuThreads: startNodeGpuThreads,
  });
}

/**
 * The GPUs that `device: "gpu"` can use, the one it takes first; none when no driver is there for any.
 * @throws TensorweldError `refused` when the optional package `webgpu` is not installed.
 */
export async function devices(): Promise<readonly AdapterDescription[]> {
  return listNodeDevices();
}

/** A checkpoint as its headers describe it. */
export interface Inspection extends Omit<Checkpoint, "tensors" | "metadata"> {
  readonly tensors: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
  /** What it is quantised with, when it is. */
  readonly quantisation?: string;
  /** Present when the folder holds a LoRA adapter; the tensors are then the adapter's own. */
  readonly adapter?: AdapterSummary;
}

/**
 * The tensors of a checkpoint or of a LoRA adapter, from its headers alone.
 * @param path its folder, or one weight file.
 * @param prefix which family of weight files is meant, where a folder holds several.
 * @throws TensorweldError `refused` when it can't be read, with every problem found.
 */
export async function inspect(path: string, prefix: WeightPrefix = "model"): Promise<Inspection> {
  const adapter = (await holdsAdapter(path)) ? await openAdapter(nodeStorage, path) : undefined;
  const checkpoint = adapter?.checkpoint ?? (await openCheckpoint(nodeStorage, path, prefix));
  const quantisation = await quantisationOf(nodeStorage, checkpoint);
  return {
    ...checkpoint,
    ...(adapter && { path: adapter.path, adapter: summaryOf(adapter) }),
    tensors: [...checkpoint.tensors.values()],
    metadata: Object.fromEntries(checkpoint.metadata),
    ...(quantisation !== undefined && { quantisation }),
  };
}

async function holdsAdapter(path: string): Promise<boolean> {
  const folder = nodeStorage.resolve(path);
  const isFolder = (await nodeStorage.look(folder))?.kind === "folder";
  return isFolder && looksLikeAdapter(await nodeStorage.list(folder));
}

/**
 * Whether an output is what its merge wrote, from all of its bytes. Of a model that has no manifest, the structure is
 * checked, and elements that are NaN or infinite are counted.
 * @param path the output's folder.
 * @throws TensorweldError `refused` when there is no model, or `interrupted`; damage is no error but in the result.
 */
export async function verify(path: string, options: VerifyOptions = {}): Promise<Verification> {
  return verifyOutput(nodeStorage, path, options);
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

/**
 * The recipe in a YAML file of mergekit's language, ready to be given to {@link mergeRecipe}.
 * @throws TensorweldError `refused` when it can't be read.
 */
export async function readRecipe(path: string): Promise<RecipeSource> {
  const file = nodeStorage.resolve(path);
  return { text: recipeText(await readSmallFile(nodeStorage, file, maxRecipeBytes), file), file };
}
