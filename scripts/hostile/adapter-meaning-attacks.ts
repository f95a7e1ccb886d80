import {
  type FolderAttack,
  type Members,
  objectOf,
  peftAttack,
  peftSettings,
  weightsOf,
} from "./adapter-files.ts";

/** Settings that mean something else than a sum of low-rank updates, or that nobody knows. */
const meanings: readonly FolderAttack[] = [
  meaning(
    "type-other",
    { peft_type: '"LOHA"' },
    "holds an adapter of another method, LoHa; only LoRA adapters can be merged",
  ),
  meaning(
    "type-lower-case",
    { peft_type: '"lora"' },
    "holds an adapter of another method, lora; only LoRA adapters can be merged",
  ),
  meaning(
    "type-of-ten-thousand-characters",
    { peft_type: `"${"x".repeat(10_000)}"` },
    `holds an adapter of another method, ${"x".repeat(200)}…; only LoRA adapters can be merged`,
  ),
  meaning(
    "switch-unknown",
    { new_trick: "true" },
    "new_trick is true, a setting that is not known here and may change what the weights mean",
  ),
  meaning(
    "switch-unknown-number",
    { new_trick: "0" },
    "new_trick is 0, a setting that is not known here and may change what the weights mean",
  ),
  meaning(
    "switch-unknown-object",
    { new_trick: '{"a":null}' },
    "new_trick is an object, a setting that is not known here and may change what the weights mean",
  ),
  meaning(
    "switch-of-ten-thousand-characters",
    { ["x".repeat(10_000)]: "1" },
    `${"x".repeat(200)}… is 1, a setting that is not known here and may change what the weights mean`,
  ),
  meaning(
    "switch-with-orders",
    { "\u001b[2J": '"\\u001b[2J"' },
    '\u001b[2J is the string "\\u001b[2J", a setting that is not known here and may change what the weights mean',
  ),
  meaning(
    "switch-qalora",
    { use_qalora: "true" },
    "use_qalora is true: it is a QALoRA adapter, made for quantised weights",
  ),
  meaning(
    "switch-tokens",
    { trainable_token_indices: '{"embed":[0]}' },
    "trainable_token_indices is an object: it has rows of its own for some tokens",
  ),
  meaning(
    "switch-layers",
    { layer_replication: "[[0,2]]" },
    "layer_replication is [[\u2026]]: it was trained on a model with repeated layers, which its base does not have",
  ),
  meaning(
    "switch-parameters",
    { target_parameters: '["experts"]' },
    'target_parameters is [the string "experts"]: it changes parameters that are no weights of layers, as those of experts in one tensor',
  ),
  meaning(
    "start-pissa",
    { init_lora_weights: '"pissa_niter_16"' },
    'init_lora_weights is the string "pissa_niter_16": PiSSA took the first factors out of the base\'s weights, and the adapter only fits what was left',
  ),
  meaning(
    "start-loftq",
    { init_lora_weights: '"loftq"' },
    'init_lora_weights is the string "loftq": LoftQ quantised the base, and the adapter makes up for what that lost',
  ),
  meaning(
    "start-unknown",
    { init_lora_weights: '"new"' },
    'init_lora_weights is the string "new", a start of training that is not known here and may have changed the base',
  ),
  meaning(
    "start-number",
    { init_lora_weights: "7" },
    "init_lora_weights is 7, a start of training that is not known here and may have changed the base",
  ),
  meaning(
    "pattern-open",
    { rank_pattern: '{"(q":2}' },
    '"(q" of rank_pattern ends in the middle of a group, a class or an escape',
  ),
  meaning(
    "pattern-lookahead",
    { rank_pattern: '{"(?!k).*":2}' },
    '"(?!k).*" of rank_pattern has "(?!" at character 1, which is no part of the regular expressions that are read here',
  ),
  meaning(
    "pattern-back-reference",
    { rank_pattern: '{"(q)\\\\1":2}' },
    '"(q)\\\\1" of rank_pattern has "1" at character 5, which is no part of the regular expressions that are read here',
  ),
  meaning(
    "pattern-repeated-repetition",
    { rank_pattern: '{"(q+)+k":2}' },
    '"(q+)+k" of rank_pattern has "+k" at character 5, which is no part of the regular expressions that are read here',
  ),
  meaning(
    "pattern-count",
    { alpha_pattern: '{"q{1000000}":2}' },
    '"q{1000000}" of alpha_pattern has "{10" at character 2, which is no part of the regular expressions that are read here',
  ),
  meaning(
    "pattern-long",
    { alpha_pattern: `{"${"q".repeat(501)}":2}` },
    `"${"q".repeat(200)}…" of alpha_pattern has more than 500 characters`,
  ),
];

/** The same of PaddleNLP's configuration. */
const paddle: readonly FolderAttack[] = [
  paddleConfig(
    "paddle-rank-text",
    { r: '"2"' },
    "configuration",
    'r is the string "2", where a whole number from 1 on is needed',
  ),
  paddleConfig(
    "paddle-rslora-text",
    { rslora: '"yes"' },
    "configuration",
    'rslora is the string "yes", where true or false is needed',
  ),
  paddleConfig(
    "paddle-alpha-1e308",
    { lora_alpha: "1e308" },
    "configuration",
    "lora_alpha is 1e308, where a number that float32 has room for is needed",
  ),
  paddleConfig(
    "paddle-mixer",
    { lora_use_mixer: "true" },
    "unsupported",
    "lora_use_mixer is true: it is a MosLoRA adapter, which has a third factor",
  ),
  paddleConfig(
    "paddle-parts-of-tensors",
    { tensor_parallel_degree: "8" },
    "unsupported",
    "tensor_parallel_degree is 8: its files hold parts of tensors, one file for each device",
  ),
  paddleConfig(
    "paddle-lists",
    { enable_lora_list: "[[true,false]]" },
    "unsupported",
    "enable_lora_list is [[\u2026]]: it changes parts of weights that hold several matrices in one",
  ),
  paddleConfig(
    "paddle-unknown",
    { use_new_trick: "true" },
    "unsupported",
    "use_new_trick is true, a setting that is not known here and may change what the weights mean",
  ),
];

export const adapterMeaningAttacks: readonly FolderAttack[] = [...meanings, ...paddle];

function meaning(name: string, members: Members, message: string): FolderAttack {
  return peftAttack(name, objectOf({ ...peftSettings, ...members }), "adapter/unsupported", message);
}

function paddleConfig(name: string, members: Members, code: string, message: string): FolderAttack {
  const files = {
    "lora_config.json": objectOf({ r: "2", lora_alpha: "4", ...members }),
    "peft_model.safetensors": weightsOf({ "q.lora_A": [5, 2], "q.lora_B": [2, 3] }),
  };
  return { name, files, answers: [{ code: `adapter/${code}`, message }] };
}
