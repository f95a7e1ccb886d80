import { pairs, parts } from "../methods/index.ts";
import { NO_SPARSIFIER } from "./combination-name.ts";
import { describeFlag } from "./flag.ts";
import type { Flag } from "./flag.ts";
import { deviceRows } from "./device-flags.ts";

// The one list of flags. The command line, JSON configurations, help and docs/flags.md are made from it; the order
// of the rows is the order of `merge_config.json`.
const rows = {
  model_path_list: {
    group: "Models",
    kind: "paths",
    doc: "The models to merge, in the order of summation: folders or weight files, MODEL+ADAPTER for one with a LoRA adapter.",
  },
  model_path_str: {
    group: "Models",
    kind: "path-text",
    sameAs: "model_path_list",
    doc: "The same in one text, with commas between.",
  },
  base_model_path: {
    group: "Models",
    kind: "path",
    doc: "The model the others were trained from; their differences to it are merged.",
  },
  lora_model_path: {
    group: "Models",
    kind: "path",
    doc: "A LoRA adapter to merge into the base, and nothing else.",
  },
  merge_prefix: {
    group: "Models",
    kind: "choice",
    choices: ["model", "master_weights"],
    default: "model",
    misspellings: ["merge_preifx"],
    doc: "Which weight files are read, and the name of those written.",
  },
  merge_method: {
    group: "Method",
    kind: "choice",
    choices: [...pairs.keys()],
    default: "linear",
    doc: "How the models become one; stands for a sparsify_type and a merge_type.",
  },
  sparsify_type: {
    group: "Method",
    kind: "choice",
    choices: [NO_SPARSIFIER, ...parts.sparsifiers],
    doc: "What thins out each model first; goes with any merge_type.",
  },
  merge_type: {
    group: "Method",
    kind: "choice",
    choices: [...parts.methods],
    doc: "What puts the models together.",
  },
  weight_list: {
    group: "Method",
    kind: "numbers",
    parameter: "weight",
    doc: "One number for each model; if absent, equal weights, normalised.",
  },
  normalize: {
    group: "Method",
    kind: "switch",
    default: false,
    parameter: "normalize",
    doc: "Divide the weights by their sum.",
  },
  slerp_alpha: {
    group: "Method",
    kind: "number",
    default: 0.5,
    parameter: "alpha",
    doc: "Where slerp stops between two models: 0 is the first, 1 the second.",
  },
  slerp_normalize_eps: {
    group: "Method",
    kind: "number",
    default: 1e-8,
    minimum: 0,
    parameter: "eps",
    doc: "The norm up to which slerp takes a tensor for zero.",
  },
  slerp_dot_threshold: {
    group: "Method",
    kind: "number",
    default: 0.9995,
    parameter: "dotThreshold",
    doc: "The cosine above which slerp interpolates along a line.",
  },
  ties_elect_type: {
    group: "Method",
    kind: "choice",
    choices: ["sum", "count"],
    default: "sum",
    parameter: "elect",
    doc: "What elects an element's sign in ties: the sum of the values, or the count of their signs.",
  },
  reserve_p: {
    group: "Method",
    kind: "number",
    default: 0.7,
    above: 0,
    maximum: 1,
    parameter: "reserve",
    doc: "The share of elements that sparsifying keeps.",
  },
  rescale: {
    group: "Method",
    kind: "switch",
    default: true,
    parameter: "rescale",
    doc: "Make up for dropped elements by enlarging those kept.",
  },
  epsilon: {
    group: "Method",
    kind: "number",
    default: 0.14,
    minimum: 0,
    below: 1,
    parameter: "epsilon",
    doc: "Width of magprune's window of drop probabilities around 1 - reserve_p.",
  },
  seed: {
    group: "Method",
    kind: "integer",
    default: 42,
    minimum: 0,
    doc: "What random masks are drawn from: the same seed, the same bytes.",
  },
  output_path: {
    group: "Output",
    kind: "path",
    doc: "The folder to create for the merged model.",
  },
  overwrite: {
    group: "Output",
    kind: "switch",
    default: false,
    doc: "Replace the model at the output path, once the new one is complete.",
  },
  resume: {
    group: "Output",
    kind: "switch",
    default: false,
    doc: "Go on with a merge that was stopped; when there is none, begin.",
  },
  allow_non_finite: {
    group: "Output",
    kind: "switch",
    default: false,
    doc: "Go on when the merge makes NaN or infinity out of finite numbers.",
  },
  report: {
    group: "Output",
    kind: "switch",
    default: false,
    doc: "Write merge_report.json, with what was found out about each tensor.",
  },
  dtype: {
    group: "Output",
    kind: "dtype",
    doc: "Element type of all merged tensors, such as BF16; if absent, each keeps the base's or the first model's.",
  },
  max_shard_size: {
    group: "Output",
    kind: "size",
    default: "5GB",
    doc: "The size above which the weights go into several files.",
  },
  copy_file_list: {
    group: "Output",
    kind: "names",
    doc: "Files to copy from the base or the first model; if absent, all that are not weights.",
  },
  model_card: {
    group: "Output",
    kind: "switch",
    default: true,
    doc: "Write README.md, a model card that says what was merged and how; otherwise, or if copy_file_list has it, the input's is copied.",
  },
  ...deviceRows,
  n_process: {
    group: "Work",
    kind: "workers",
    default: 1,
    doc: "Worker threads; auto is one per core. The result does not depend on it.",
  },
  max_memory: {
    group: "Work",
    kind: "size",
    default: "256MB",
    doc: "Bytes that a merge may hold, beside 100 MB for Node and one worker.",
  },
  lenient: {
    group: "Work",
    kind: "switch",
    default: false,
    doc: "Ignore what mergekit ignores in a recipe, such as keys it does not know, with a notice.",
  },
  strict: {
    group: "Work",
    kind: "switch",
    default: false,
    doc: "Treat warnings as errors.",
  },
  max_tensor_mem: {
    group: "Work",
    kind: "number",
    minimum: 0,
    noEffect: "tensors of any size are read in pieces, and the result does not depend on the pieces",
    doc: "Accepted without effect: tensors of any size are read in pieces.",
  },
  split_pieces: {
    group: "Work",
    kind: "integer",
    minimum: 1,
    noEffect: "tensors of any size are read in pieces, and the result does not depend on the pieces",
    doc: "Accepted without effect: tensors of any size are read in pieces.",
  },
} as const;

/** The table by itself, for the types that are made from it. */
export type Rows = typeof rows;

export type FlagName = keyof Rows;

/** All flags by name, in the order of help and of configuration files. */
export const flags: ReadonlyMap<FlagName, Flag> = new Map(
  Object.entries(rows).map(([name, row]) => [name as FlagName, describeFlag(name, row)]),
);
