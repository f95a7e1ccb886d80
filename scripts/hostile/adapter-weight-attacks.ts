import {
  type FolderAttack,
  type Members,
  objectOf,
  peftSettings,
  type Shapes,
  weightsOf,
} from "./adapter-files.ts";

const q = "base_model.model.q";
const a: Shapes = { [`${q}.lora_A.weight`]: [2, 5] };
const b: Shapes = { [`${q}.lora_B.weight`]: [3, 2] };

/** Tensors that make no update, by themselves. */
const weights: readonly FolderAttack[] = [
  broken("weights-none", {}, "weights", "holds no tensors"),
  broken("factor-a-alone", a, "weights", "its module has lora_A, and an update has two factors, A and B"),
  broken("factor-b-alone", b, "weights", "its module has lora_B, and an update has two factors, A and B"),
  broken(
    "factor-of-two-kinds",
    { ...a, ...b, [`${q}.lora_embedding_A`]: [2, 5] },
    "weights",
    "its module has lora_A, lora_B, lora_embedding_A, and an update has two factors, A and B",
  ),
  broken(
    "factor-with-one-axis",
    { ...a, [`${q}.lora_B.weight`]: [6] },
    "weights",
    "has shape [6], and a factor is a matrix or more",
  ),
  broken(
    "factor-of-nothing",
    { ...b, [`${q}.lora_A.weight`]: [2, 0] },
    "weights",
    "has shape [2, 0], and a factor is a matrix or more",
  ),
  broken(
    "factor-of-whole-numbers",
    { ...a, [`${q}.lora_B.weight`]: ["I64", [3, 2]] },
    "weights",
    "is of type I64, and only floating-point types are merged",
  ),
  broken(
    "factor-of-truth-values",
    { ...b, [`${q}.lora_A.weight`]: ["BOOL", [2, 5]] },
    "weights",
    "is of type BOOL, and only floating-point types are merged",
  ),
  broken(
    "factors-of-two-ranks",
    { ...a, [`${q}.lora_B.weight`]: [3, 4] },
    "shape",
    'has shape [2, 5] and so rank 2, and "base_model.model.q.lora_B.weight" has shape [3, 4] and so rank 4',
  ),
  broken(
    "factors-of-four-axes",
    { ...a, [`${q}.lora_B.weight`]: [3, 2, 2, 2] },
    "shape",
    'has shape [2, 5], and "base_model.model.q.lora_B.weight" has shape [3, 2, 2, 2]: factors of neither a matrix nor a convolution',
  ),
  broken(
    "rank-that-is-another",
    { [`${q}.lora_A.weight`]: [1, 5], [`${q}.lora_B.weight`]: [3, 1] },
    "configuration",
    "has rank 1, and its configuration gives it rank 2",
  ),
  broken(
    "name-of-nothing",
    { ...a, ...b, "q.weight": [3, 5] },
    "weights",
    "is the name of nothing that a LoRA adapter of this library has",
  ),
  broken(
    "name-without-module",
    { "base_model.model.lora_A.weight": [2, 5] },
    "weights",
    "is the name of nothing that a LoRA adapter of this library has",
  ),
  broken(
    "name-of-another-part",
    { ...a, ...b, [`${q}.lora_C.weight`]: [2, 5] },
    "weights",
    "is the name of nothing that a LoRA adapter of this library has",
  ),
  broken(
    "name-of-1001-characters",
    { ...a, ...b, [`base_model.model.${"x".repeat(984)}`]: [1] },
    "weights",
    "has a name of 1001 characters, more than the 1000 that are read",
  ),
  broken(
    "name-twice-in-two-ways",
    { ...a, ...b, [`${q}.lora_A.default.weight`]: [2, 5] },
    "weights",
    'stands for the same as "base_model.model.q.lora_A.weight"',
  ),
  broken(
    "magnitude-not-asked-for",
    { ...a, ...b, [`${q}.lora_magnitude_vector`]: [3] },
    "configuration",
    "has a magnitude vector beside it, and use_dora is false in its configuration",
  ),
  broken(
    "magnitude-absent",
    { ...a, ...b },
    "configuration",
    "has no magnitude vector beside it, and use_dora is true in its configuration",
    { use_dora: "true" },
  ),
  broken(
    "magnitude-too-long",
    { ...a, ...b, [`${q}.lora_magnitude_vector`]: [4] },
    "shape",
    "has shape [4], and its factors have 3 outputs",
    {
      use_dora: "true",
    },
  ),
  broken(
    "bias-not-asked-for",
    { ...a, ...b, [`${q}.lora_B.bias`]: [3] },
    "configuration",
    "has a bias beside it, and lora_bias is false in its configuration",
  ),
  broken(
    "bias-absent",
    { ...a, ...b },
    "configuration",
    "has no bias beside it, and lora_bias is true in its configuration",
    { lora_bias: "true" },
  ),
  broken(
    "bias-too-long",
    { ...a, ...b, [`${q}.lora_B.bias`]: [4] },
    "shape",
    "has shape [4], and its factors have 3 outputs",
    { lora_bias: "true" },
  ),
];

/**
 * Updates that make sense by themselves, and none for the base: `q.weight` [3, 5], `q.bias` [3], `embed.weight` [7, 4],
 * `norm.weight` [4].
 */
const misfits: readonly FolderAttack[] = [
  broken(
    "base-has-no-such-module",
    renamed("k"),
    "unmatched",
    'changes 1 tensors, of which BASE lacks 1: "k.weight"',
  ),
  broken(
    "base-has-no-such-prototype",
    renamed("__proto__"),
    "unmatched",
    'changes 1 tensors, of which BASE lacks 1: "__proto__.weight"',
  ),
  broken(
    "base-has-no-such-path",
    renamed("../../q"),
    "unmatched",
    'changes 1 tensors, of which BASE lacks 1: "../../q.weight"',
  ),
  broken(
    "base-has-another-shape",
    { [`${q}.lora_A.weight`]: [2, 6], ...b },
    "shape",
    "has shape [3, 5] in BASE, and the adapter's factors are for [3, 6]",
  ),
  broken(
    "base-has-fewer-axes",
    renamed("norm", [2, 4], [4, 2]),
    "shape",
    "has shape [4] in BASE, and the adapter's factors are for [4, 4]",
  ),
  broken(
    "replaces-another-shape",
    { ...a, ...b, "base_model.model.embed.weight": [4, 7] },
    "shape",
    "has shape [4, 7] here, where it is trained whole, and [7, 4] in BASE",
  ),
  broken(
    "replaces-another-vocabulary",
    { ...a, ...b, "base_model.model.embed.weight": [9, 4] },
    "shape",
    "has shape [9, 4] here, where it is trained whole, and [7, 4] in BASE",
  ),
  broken(
    "replaces-with-whole-numbers",
    { ...a, ...b, "base_model.model.q.bias": ["I64", [3]] },
    "unsupported",
    "is of type I64 in ATTACK/adapter_model.safetensors, and adapters change floating-point types only",
  ),
];

export const adapterWeightAttacks: readonly FolderAttack[] = [...weights, ...misfits];

function renamed(
  module: string,
  first: readonly number[] = [2, 5],
  second: readonly number[] = [3, 2],
): Shapes {
  const name = `base_model.model.${module}`;
  return { [`${name}.lora_A.weight`]: first, [`${name}.lora_B.weight`]: second };
}

function broken(
  name: string,
  shapes: Shapes,
  code: string,
  message: string,
  more: Members = {},
): FolderAttack {
  const config = objectOf({ ...peftSettings, ...more });
  const files = { "adapter_config.json": config, "adapter_model.safetensors": weightsOf(shapes) };
  return { name, files, answers: [{ code: `adapter/${code}`, message }] };
}
