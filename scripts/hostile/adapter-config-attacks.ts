import { type FolderAttack, type Members, objectOf, peftAttack, peftSettings } from "./adapter-files.ts";

/** Texts that are no configuration at all. */
const texts: readonly FolderAttack[] = [
  text("config-empty", "", "is not valid JSON: wanted a value, found the end"),
  text("config-not-json", "peft_type: LORA", 'is not valid JSON: wanted a value, found "p"'),
  text("config-not-utf8", Uint8Array.of(0x7b, 0xff, 0x7d), "is not valid UTF-8"),
  text("config-byte-order-mark", "\ufeff{}", "is not valid JSON: wanted a value, found U+FEFF"),
  text("config-array", "[]", "is [], not an object"),
  text(
    "config-deep",
    `{"auto_mapping":${"[".repeat(10_000)}`,
    "is not valid JSON: more than 32 objects and arrays within each other",
  ),
  text("config-cut", '{"peft_type":"LORA","r":', "is not valid JSON: wanted a value, found the end"),
  text(
    "config-inherited",
    `{"__proto__":${objectOf(peftSettings)}}`,
    'peft_type is absent, where the string "LORA" is needed',
  ),
  text("config-key-twice", '{"peft_type":"LORA","r":2,"r":8,"lora_alpha":4}', '"r" appears twice'),
  text(
    "config-key-twice-escaped",
    '{"peft_type":"LORA","r":2,"\\u0072":8,"lora_alpha":4}',
    '"r" appears twice',
  ),
  text(
    "config-pattern-twice",
    '{"peft_type":"LORA","r":2,"lora_alpha":4,"rank_pattern":{"q":2,"q":4}}',
    '"rank_pattern.q" appears twice',
  ),
  text(
    "config-git-lfs-pointer",
    "version https://git-lfs.example/spec/v1\n",
    'is not valid JSON: wanted a value, found "v"',
  ),
];

/** Values that are not what their key is for. */
const values: readonly FolderAttack[] = [
  wrong("type-number", { peft_type: "1" }, 'peft_type is 1, where the string "LORA" is needed'),
  wrong("type-null", { peft_type: "null" }, 'peft_type is null, where the string "LORA" is needed'),
  wrong("rank-zero", { r: "0" }, "r is 0, where a whole number from 1 on is needed"),
  wrong("rank-negative", { r: "-1" }, "r is -1, where a whole number from 1 on is needed"),
  wrong("rank-fraction", { r: "2.5" }, "r is 2.5, where a whole number from 1 on is needed"),
  wrong("rank-2-31", { r: "2147483648" }, "has rank 2, and its configuration gives it rank 2147483648"),
  wrong(
    "rank-2-53",
    { r: "9007199254740993" },
    "r is 9007199254740993, where a whole number from 1 on is needed",
  ),
  wrong("rank-exponent", { r: "2e0" }, "r is 2e0, where a whole number from 1 on is needed"),
  wrong("rank-text", { r: '"2"' }, 'r is the string "2", where a whole number from 1 on is needed'),
  wrong("rank-null", { r: "null" }, "r is null, where a whole number from 1 on is needed"),
  wrong("rank-array", { r: "[2]" }, "r is [2], where a whole number from 1 on is needed"),
  wrong("alpha-nan", { lora_alpha: "NaN" }, 'is not valid JSON: wanted a value, found "N"'),
  wrong("alpha-infinity", { lora_alpha: "Infinity" }, 'is not valid JSON: wanted a value, found "I"'),
  wrong(
    "alpha-1e999",
    { lora_alpha: "1e999" },
    "lora_alpha is 1e999, where a number that float32 has room for is needed",
  ),
  wrong(
    "alpha-1e308",
    { lora_alpha: "1e308" },
    "lora_alpha is 1e308, where a number that float32 has room for is needed",
  ),
  wrong(
    "alpha-minus-1e308",
    { lora_alpha: "-1e308" },
    "lora_alpha is -1e308, where a number that float32 has room for is needed",
  ),
  wrong("alpha-text", { lora_alpha: '"4"' }, 'lora_alpha is the string "4", where a number is needed'),
  wrong("alpha-object", { lora_alpha: "{}" }, "lora_alpha is an object, where a number is needed"),
  wrong(
    "rank-pattern-array",
    { rank_pattern: "[2]" },
    "rank_pattern is [2], where an object of numbers is needed",
  ),
  wrong(
    "rank-pattern-zero",
    { rank_pattern: '{"q":0}' },
    '"q" of rank_pattern is 0, where a whole number from 1 on is needed',
  ),
  wrong(
    "rank-pattern-text",
    { rank_pattern: '{"q":"2"}' },
    '"q" of rank_pattern is the string "2", where a whole number from 1 on is needed',
  ),
  wrong(
    "rank-pattern-2-31",
    { rank_pattern: '{"q":2147483648}' },
    "has rank 2, and its configuration gives it rank 2147483648",
  ),
  wrong(
    "alpha-pattern-1e308",
    { alpha_pattern: '{"q":1e308}' },
    '"q" of alpha_pattern is 1e308, where a number that float32 has room for is needed',
  ),
  wrong(
    "alpha-pattern-object",
    { alpha_pattern: '{"q":{"q":1}}' },
    '"q" of alpha_pattern is an object, where a number is needed',
  ),
  wrong(
    "dora-text",
    { use_dora: '"false"' },
    'use_dora is the string "false", where true or false is needed',
  ),
  wrong("rslora-number", { use_rslora: "1" }, "use_rslora is 1, where true or false is needed"),
  wrong(
    "fan-in-object",
    { fan_in_fan_out: "{}" },
    "fan_in_fan_out is an object, where true or false is needed",
  ),
  wrong("bias-number", { bias: "3" }, "bias is 3, where a string is needed"),
  wrong(
    "base-model-array",
    { base_model_name_or_path: '["../../x"]' },
    'base_model_name_or_path is [the string "../../x"], where a string is needed',
  ),
  wrong(
    "targets-number",
    { target_modules: "[1]" },
    "target_modules is [1], where a string or an array of strings is needed",
  ),
  wrong(
    "modules-to-save-object",
    { modules_to_save: '{"0":"q"}' },
    "modules_to_save is an object, where a string or an array of strings is needed",
  ),
];

export const adapterConfigAttacks: readonly FolderAttack[] = [...texts, ...values];

function text(name: string, config: string | Uint8Array, message: string): FolderAttack {
  return peftAttack(name, config, "adapter/configuration", message);
}

function wrong(name: string, members: Members, message: string): FolderAttack {
  return peftAttack(name, objectOf({ ...peftSettings, ...members }), "adapter/configuration", message);
}
