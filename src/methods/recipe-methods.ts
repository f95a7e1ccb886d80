import { dare } from "./dare.ts";
import { atLeast, type BaseRole, type Method, type ModelCount } from "./define.ts";
import { methods } from "./index.ts";
import { linear } from "./linear.ts";
import { magprune } from "./magprune.ts";
import { outliers } from "./outliers.ts";
import type { ParameterValue, ParameterValues } from "./parameters.ts";
import { ties } from "./ties.ts";
import { trim } from "./trim.ts";

export type { BaseRole } from "./define.ts";

/** A step of a method that recipes name, with the values by which this step does what mergekit does. */
export interface RecipeStep {
  readonly method: string;
  readonly values: ParameterValues;
}

/** A parameter under the name it has in recipes. */
export interface RecipeParameter {
  readonly step: "sparsify" | "merge";
  /** The step's parameter that it sets. */
  readonly parameter: string;
  /** Whether each model has a value of its own. */
  readonly perModel: boolean;
  /** Absent when a recipe must set it. */
  readonly default?: ParameterValue;
}

/** A method as recipes know it: mergekit's semantics, put together from this project's steps. */
export interface RecipeMethod {
  /** The value of `merge_method`. */
  readonly name: string;
  readonly sparsify?: RecipeStep;
  readonly merge: RecipeStep;
  readonly base: BaseRole;
  readonly needsBase: boolean;
  /** How many models it takes, the base not counted when differences to it are taken. */
  readonly models: ModelCount;
  /** By their names in recipes. */
  readonly parameters: Readonly<Record<string, RecipeParameter>>;
  /** Parameters that mergekit takes and that change nothing, with the reason. */
  readonly idle?: Readonly<Record<string, string>>;
  /** Address of the paper or page that defines it. */
  readonly reference: string;
}

/** A kind of task arithmetic: differences to a base are thinned out, then put together. */
interface TaskArithmetic {
  readonly name: string;
  readonly sparsify: RecipeStep;
  readonly merge: Method;
  /** What is assumed of these two, which all kinds have. */
  readonly normalize: boolean;
  readonly rescale: boolean;
  /** What recipes set of the sparsifier beside `density` and `rescale`, for each model. */
  readonly own?: Readonly<Record<string, RecipeParameter>>;
  readonly reference: string;
}

const weight: RecipeParameter = { step: "merge", parameter: "weight", perModel: true };
const lambda: RecipeParameter = { step: "merge", parameter: "scale", perModel: false, default: 1 };
const density: RecipeParameter = { step: "sparsify", parameter: "reserve", perModel: true, default: 1 };
const epsilon: RecipeParameter = { step: "sparsify", parameter: "epsilon", perModel: true, default: 0.15 };
const gamma: RecipeParameter = { step: "sparsify", parameter: "gamma", perModel: true, default: 0.01 };

const trimming: RecipeStep = { method: trim.name, values: { threshold: "count" } };
const dropping: RecipeStep = { method: dare.name, values: { rescaling: "sum" } };
const pruning: RecipeStep = {
  method: magprune.name,
  values: { ranking: "row", width: 2, wholesale: true, rescaling: "sum" },
};
const cutting: RecipeStep = { method: outliers.name, values: {} };

// The kinds by sparsifier, with and without an election of signs.
const kinds: readonly TaskArithmetic[] = [
  {
    name: "ties",
    sparsify: trimming,
    merge: ties,
    normalize: true,
    rescale: false,
    reference: "https://arxiv.org/abs/2306.01708",
  },
  {
    name: "dare_linear",
    sparsify: dropping,
    merge: linear,
    normalize: false,
    rescale: true,
    reference: "https://arxiv.org/abs/2311.03099",
  },
  {
    name: "dare_ties",
    sparsify: dropping,
    merge: ties,
    normalize: false,
    rescale: true,
    reference: "https://arxiv.org/abs/2311.03099",
  },
  {
    name: "della",
    sparsify: pruning,
    merge: ties,
    normalize: true,
    rescale: true,
    own: { epsilon },
    reference: "https://arxiv.org/abs/2406.11617",
  },
  {
    name: "della_linear",
    sparsify: pruning,
    merge: linear,
    normalize: false,
    rescale: true,
    own: { epsilon },
    reference: "https://arxiv.org/abs/2406.11617",
  },
  {
    name: "breadcrumbs",
    sparsify: cutting,
    merge: linear,
    normalize: false,
    rescale: false,
    own: { gamma },
    reference: "https://arxiv.org/abs/2312.06795",
  },
  {
    name: "breadcrumbs_ties",
    sparsify: cutting,
    merge: ties,
    normalize: false,
    rescale: false,
    own: { gamma },
    reference: "https://arxiv.org/abs/2312.06795",
  },
];

const signsInMemory = "it changes how signs are held in memory, not what they are";
const nothingDropped = "task_arithmetic drops nothing";

const taskArithmetic: RecipeMethod = {
  name: "task_arithmetic",
  merge: { method: linear.name, values: {} },
  base: "difference",
  needsBase: true,
  models: atLeast(1),
  parameters: { weight, normalize: switched("merge", "normalize", false), lambda },
  idle: { density: nothingDropped, rescale: nothingDropped, int8_mask: signsInMemory },
  reference: "https://arxiv.org/abs/2212.04089",
};

function kindOfTaskArithmetic(kind: TaskArithmetic): RecipeMethod {
  const { name, sparsify, merge, normalize, rescale, own, reference } = kind;
  return {
    ...taskArithmetic,
    name,
    sparsify,
    merge: { method: merge.name, values: {} },
    parameters: {
      weight,
      density,
      ...own,
      normalize: switched("merge", "normalize", normalize),
      rescale: switched("sparsify", "rescale", rescale),
      lambda,
    },
    idle: { int8_mask: signsInMemory },
    reference,
  };
}

function switched(step: RecipeParameter["step"], parameter: string, value: boolean): RecipeParameter {
  return { step, parameter, perModel: false, default: value };
}

/** A method that says itself how recipes call it; none when it does not. */
function ownMethods(method: Method): readonly RecipeMethod[] {
  const { name, recipe, models, reference } = method;
  if (recipe === undefined) return [];
  const parameters = Object.entries(recipe.parameters).map(([key, called]): [string, RecipeParameter] => {
    const { kind, default: declared } = method.parameters[called.sets]!;
    const value = called.default ?? declared;
    return [
      key,
      {
        step: "merge",
        parameter: called.sets,
        perModel: kind === "per-model",
        ...(called.required !== true && { default: value }),
      },
    ];
  });
  const merge = { method: name, values: {} };
  return [{ models, ...recipe, name, merge, parameters: Object.fromEntries(parameters), reference }];
}

/** The methods of recipes by name, as mergekit knows them. Those of one step are from the registry of methods. */
export const recipeMethods: ReadonlyMap<string, RecipeMethod> = new Map(
  [...[...methods.values()].flatMap(ownMethods), taskArithmetic, ...kinds.map(kindOfTaskArithmetic)].map(
    (method) => [method.name, method],
  ),
);
