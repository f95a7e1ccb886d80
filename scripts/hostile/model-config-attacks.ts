import { type FolderAttack, weightsOf } from "./adapter-files.ts";

const model = { "q.weight": [3, 5], "q.bias": [3], "embed.weight": [7, 4], "norm.weight": [4] };

/** Models with a config.json that is broken, or lies: the weights are merged all the same, with a warning. */
export const modelConfigAttacks: readonly FolderAttack[] = [
  compared(
    "model-config-empty",
    "",
    "is not valid JSON: wanted a value, found the end; it is not compared with the other models'",
  ),
  compared(
    "model-config-not-json",
    "model_type: llama",
    'is not valid JSON: wanted a value, found "m"; it is not compared with the other models\'',
  ),
  compared(
    "model-config-not-utf8",
    Uint8Array.of(0x7b, 0xff, 0x7d),
    "is not valid UTF-8; it is not compared with the other models'",
  ),
  compared("model-config-array", "[]", "is [], not an object; it is not compared with the other models'"),
  compared(
    "model-config-deep",
    '{"a":'.repeat(10_000),
    "is not valid JSON: more than 32 objects and arrays within each other; it is not compared with the other models'",
  ),
  compared(
    "model-config-key-twice",
    '{"hidden_size":5,"hidden_size":6}',
    '"hidden_size" appears twice; it is not compared with the other models\'',
  ),
  compared(
    "model-config-nan",
    '{"hidden_size":NaN}',
    'is not valid JSON: wanted a value, found "N"; it is not compared with the other models\'',
  ),
  compared(
    "model-config-infinite",
    '{"hidden_size":1e999}',
    "hidden_size is 1e999 here and 5 in BASE/config.json",
  ),
  compared(
    "model-config-object-for-text",
    '{"model_type":{"a":1}}',
    'model_type is an object here and the string "llama" in BASE/config.json',
  ),
  compared(
    "model-config-orders",
    '{"model_type":"\\u001b[2J\\u009b31m\\u202e"}',
    'model_type is the string "\\u001b[2J\u009b31m\u202e" here and the string "llama" in BASE/config.json',
  ),
  compared(
    "model-config-long-text",
    `{"model_type":"${"x".repeat(10_000)}"}`,
    `model_type is the string "${"x".repeat(200)}…" here and the string "llama" in BASE/config.json`,
  ),
  compared(
    "model-config-long-number",
    `{"hidden_size":${"9".repeat(10_000)}}`,
    `hidden_size is ${"9".repeat(200)}… here and 5 in BASE/config.json`,
  ),
  compared(
    "model-config-many-items",
    `{"architectures":[${"1,".repeat(10_000)}1]}`,
    'architectures is [1, 1, 1, 1, 1, 1, 1, 1, …] here and [the string "LlamaForCausalLM"] in BASE/config.json',
  ),
  quantised(
    "model-config-quantised-by-text",
    '{"quantization_config":{"quant_method":"\\u001b[2J"}}',
    "is quantised (\u001b[2J); merging needs the unquantised weights",
  ),
  quantised(
    "model-config-quantised-by-nobody",
    '{"quantization_config":{"quant_method":[1]}}',
    "is quantised (by a method its config.json does not name); merging needs the unquantised weights",
  ),
];

function compared(name: string, config: string | Uint8Array, message: string): FolderAttack {
  return attack(name, config, { code: "check/config", message });
}

function quantised(name: string, config: string, message: string): FolderAttack {
  return attack(name, config, { code: "checkpoint/quantised", message });
}

function attack(
  name: string,
  config: string | Uint8Array,
  answer: FolderAttack["answers"][number],
): FolderAttack {
  const files = { "config.json": config, "model.safetensors": weightsOf(model) };
  return { name, files, answers: [answer] };
}
