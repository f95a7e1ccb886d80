import type { ModelCount } from "./define.ts";
import { atLeast, exactly } from "./define.ts";
import type { ParameterValue, ParameterValues } from "./parameters.ts";

/**
 * What a recipe's base model is to a method: what differences are taken to, the first of the models merged, or one of
 * the models like any other.
 */
export type BaseRole = "difference" | "first" | "listed";

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

const merge = (parameter: string, value?: ParameterValue): RecipeParameter => ({
  step: "merge",
  parameter,
  perModel: false,
  ...(value !== undefined && { default: value }),
});
const sparsify = (parameter: string, value: ParameterValue): RecipeParameter => ({
  step: "sparsify",
  parameter,
  perModel: false,
  default: value,
});
const weight: RecipeParameter = { step: "merge", parameter: "weight", perModel: true };
const density: RecipeParameter = { ...sparsify("reserve", 1), perModel: true };
const gamma: RecipeParameter = { ...sparsify("gamma", 0.01), perModel: true };
const epsilon: RecipeParameter = { ...sparsify("epsilon", 0.15), perModel: true };
const lambda = merge("scale", 1);

const idle = { int8_mask: "it changes how signs are held in memory, not what they are" };

const difference = { base: "difference", needsBase: true, models: atLeast(1) } as const;
const bySum = { rescaling: "sum" };

/** The methods of recipes by name, as mergekit knows them. */
export const recipeMethods: ReadonlyMap<string, RecipeMethod> = new Map(
  (
    [
      {
        name: "linear",
        merge: { method: "linear", values: {} },
        base: "listed",
        needsBase: false,
        models: atLeast(1),
        parameters: { weight, normalize: merge("normalize", true) },
        reference: "https://arxiv.org/abs/2203.05482",
      },
      {
        name: "slerp",
        merge: { method: "slerp", values: {} },
        base: "first",
        needsBase: true,
        models: { minimum: 1, maximum: 2 },
        parameters: { t: merge("alpha") },
        reference: "https://en.wikipedia.org/wiki/Slerp",
      },
      {
        name: "nuslerp",
        merge: { method: "nuslerp", values: {} },
        base: "difference",
        needsBase: false,
        models: { minimum: 1, maximum: 2 },
        parameters: {
          weight,
          nuslerp_flatten: merge("flatten", true),
          nuslerp_row_wise: merge("rowWise", false),
        },
        reference: "https://en.wikipedia.org/wiki/Slerp",
      },
      {
        name: "multislerp",
        merge: { method: "multislerp", values: {} },
        base: "difference",
        needsBase: false,
        models: atLeast(1),
        parameters: { weight, normalize_weights: merge("normalize", true), eps: merge("eps", 1e-8) },
        reference: "https://goddard.blog/posts/multislerp-wow-what-a-cool-idea",
      },
      {
        name: "karcher",
        merge: { method: "karcher", values: {} },
        base: "listed",
        needsBase: false,
        models: atLeast(1),
        parameters: { max_iter: merge("maxIter", 10), tol: merge("tol", 1e-5) },
        reference: "https://en.wikipedia.org/wiki/Karcher_mean",
      },
      {
        name: "task_arithmetic",
        merge: { method: "linear", values: {} },
        ...difference,
        parameters: { weight, normalize: merge("normalize", false), lambda },
        idle: {
          ...idle,
          density: "task_arithmetic drops nothing",
          rescale: "task_arithmetic drops nothing",
        },
        reference: "https://arxiv.org/abs/2212.04089",
      },
      {
        name: "ties",
        sparsify: { method: "trim", values: { threshold: "count" } },
        merge: { method: "ties", values: {} },
        ...difference,
        parameters: {
          weight,
          density,
          normalize: merge("normalize", true),
          rescale: sparsify("rescale", false),
          lambda,
        },
        idle,
        reference: "https://arxiv.org/abs/2306.01708",
      },
      ...(["dare_linear", "dare_ties"] as const).map((name) => ({
        name,
        sparsify: { method: "dare", values: bySum },
        merge: { method: name === "dare_ties" ? "ties" : "linear", values: {} },
        ...difference,
        parameters: {
          weight,
          density,
          normalize: merge("normalize", false),
          rescale: sparsify("rescale", true),
          lambda,
        },
        idle,
        reference: "https://arxiv.org/abs/2311.03099",
      })),
      ...(["della", "della_linear"] as const).map((name) => ({
        name,
        sparsify: {
          method: "magprune",
          values: { ...bySum, ranking: "row", width: 2, wholesale: true },
        },
        merge: { method: name === "della" ? "ties" : "linear", values: {} },
        ...difference,
        parameters: {
          weight,
          density,
          epsilon,
          normalize: merge("normalize", name === "della"),
          rescale: sparsify("rescale", true),
          lambda,
        },
        idle,
        reference: "https://arxiv.org/abs/2406.11617",
      })),
      ...(["breadcrumbs", "breadcrumbs_ties"] as const).map((name) => ({
        name,
        sparsify: { method: "outliers", values: {} },
        merge: { method: name === "breadcrumbs_ties" ? "ties" : "linear", values: {} },
        ...difference,
        parameters: {
          weight,
          density,
          gamma,
          normalize: merge("normalize", false),
          rescale: sparsify("rescale", false),
          lambda,
        },
        idle,
        reference: "https://arxiv.org/abs/2312.06795",
      })),
      {
        name: "model_stock",
        merge: { method: "model_stock", values: {} },
        ...difference,
        models: atLeast(2),
        parameters: { filter_wise: merge("filterWise", false) },
        reference: "https://arxiv.org/abs/2403.19522",
      },
      {
        name: "sce",
        merge: { method: "sce", values: {} },
        ...difference,
        parameters: { select_topk: merge("select", 1) },
        idle,
        reference: "https://arxiv.org/abs/2408.07990",
      },
      {
        name: "ram",
        merge: { method: "ram", values: {} },
        ...difference,
        parameters: { epsilon: merge("epsilon", 1e-5) },
        reference: "https://arxiv.org/abs/2601.13572",
      },
      {
        name: "ramplus_tl",
        merge: { method: "ramplus_tl", values: {} },
        ...difference,
        parameters: { epsilon: merge("epsilon", 1e-5), r: merge("r", 0.1), alpha: merge("alpha", 0.2) },
        reference: "https://arxiv.org/abs/2601.13572",
      },
      {
        name: "nearswap",
        merge: { method: "nearswap", values: {} },
        ...difference,
        models: exactly(1),
        parameters: { t: merge("t") },
        reference: "https://huggingface.co/alchemonaut/QuartetAnemoi-70B-t0.0001",
      },
      {
        name: "arcee_fusion",
        merge: { method: "arcee_fusion", values: {} },
        base: "first",
        needsBase: true,
        models: { minimum: 1, maximum: 2 },
        parameters: {},
        reference:
          "https://www.arcee.ai/blog/meet-mergekit-v0-1-arcee-fusion-expanded-model-support-multi-gpu-acceleration",
      },
      {
        name: "passthrough",
        merge: { method: "passthrough", values: {} },
        base: "listed",
        needsBase: false,
        models: exactly(1),
        parameters: { scale: { ...merge("scale", 1), perModel: true } },
        reference: "https://github.com/arcee-ai/mergekit",
      },
    ] satisfies readonly RecipeMethod[]
  ).map((method: RecipeMethod) => [method.name, method]),
);
