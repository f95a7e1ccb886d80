import { refuseIfAny } from "../errors.ts";
import { nothingFound } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { flags } from "./flags.ts";
import { readCombination } from "./combination.ts";
import { chooseMethod, type MethodChoice } from "./method-choice.ts";
import { chooseModelCard, type ModelCardChoice } from "./model-card-choice.ts";
import { methodsBesideAdapter } from "./only-adapter.ts";
import { readPlaces } from "./places.ts";
import type { Places } from "./places.ts";
import { readFlags } from "./read-flags.ts";
import type { FlagReading } from "./read-flags.ts";
import { gpuOf, unusedGpuFlags, usesGpu } from "./gpu.ts";
import type { Recipe, Request } from "./recipe.ts";

/** What the meaning of a configuration depends on besides its text. */
export interface RequestContext {
  /** The absolute form of a path. */
  readonly resolve: (path: string) => string;
  /** Worker threads that `n_process auto` stands for. */
  readonly cores: number;
}

/**
 * The request that a configuration makes: flags of a command line, keys of a JSON file, or an object from code.
 * Opens no file. @throws TensorweldError `refused`, with everything that is wrong with it.
 */
export function parseRequest(config: unknown, context: RequestContext): Request {
  const reading = readFlags(config);
  const places = readPlaces(reading, context.resolve);
  const choice = chooseMethod(reading);
  const combination = readCombination(choice, reading, places.models.length);
  const card = chooseModelCard(reading);
  const findings = [
    reading,
    places,
    choice,
    modelCount(choice, places, reading),
    sparsifiedModels(choice, places),
    combination,
    methodsBesideAdapter(reading),
    card,
    unusedGpuFlags(reading),
    flagsOfOtherTools(reading),
  ];
  refuseIfAny(findings.flatMap(({ problems }) => problems));

  const { n_process: workers, max_memory: memoryBytes } = reading.values;
  return {
    // Without a combination there was a problem.
    recipe: recipeOf(reading, places, combination.value!, card),
    settings: {
      outputPath: places.outputPath,
      workers: workers === "auto" ? context.cores : workers,
      memoryBytes,
      allowNonFinite: reading.values.allow_non_finite,
      writeReport: reading.values.report,
      resume: reading.values.resume,
      overwrite: reading.values.overwrite,
      strict: reading.values.strict,
      ...gpuOf(reading),
    },
    notices: findings.flatMap(({ notices }) => notices),
  };
}

function recipeOf(
  reading: FlagReading,
  { models, base }: Places,
  combination: Recipe["combination"],
  { modelCard }: ModelCardChoice,
): Recipe {
  const { values } = reading;
  return {
    models,
    ...(base !== undefined && { base }),
    combination,
    prefix: values.merge_prefix,
    ...(values.dtype !== undefined && { dtype: values.dtype }),
    maxShardBytes: values.max_shard_size,
    ...(values.copy_file_list !== undefined && { companions: values.copy_file_list }),
    modelCard,
    seed: values.seed,
    ...(usesGpu(reading) && { device: "gpu" as const }),
  };
}

/** Checks the number of models, where any are known: a list that was refused is not also too short. */
function modelCount({ method }: MethodChoice, { models }: Places, { given }: FlagReading): Findings {
  const isUnknown = method === undefined || models.length === 0;
  if (isUnknown || given.has("lora_model_path")) return nothingFound;
  const { minimum, maximum = Infinity } = method.models;
  if (models.length >= minimum && models.length <= maximum) return nothingFound;
  const wanted = minimum === maximum ? `exactly ${minimum}` : `at least ${minimum}`;
  const message = `${method.name} takes ${wanted} models, got ${models.length}`;
  const isJoined = models.length < minimum && models.some(({ path }) => path.includes(","));
  const hint = isJoined ? "put blanks between the models, not commas, or use --model_path_str" : undefined;
  const problem = { code: "request/invalid-value", key: "model_path_list", message } as const;
  return { problems: [{ ...problem, ...(hint !== undefined && { hint }) }], notices: [] };
}

/** Without a base there are no changes to thin out: what is dropped are parts of the models themselves. */
function sparsifiedModels({ sparsifier }: MethodChoice, { base }: Places): Findings {
  if (sparsifier === undefined || base !== undefined) return nothingFound;
  const notice = `Without --base_model_path ${sparsifier.name} drops part of the models themselves, not of their changes to a base.`;
  return { problems: [], notices: [notice] };
}

/** Says of what earlier tools did that it changes nothing. */
function flagsOfOtherTools({ given }: FlagReading): Findings {
  const notices = [...flags]
    .filter(([name]) => given.has(name))
    .flatMap(([name, { noEffect }]) =>
      noEffect === undefined ? [] : [`${name} has no effect: ${noEffect}.`],
    );
  return { problems: [], notices };
}
