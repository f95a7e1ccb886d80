import { describeJson, shorten } from "../formats/describe-json.ts";
import type { JsonValue } from "../formats/json.ts";
import type { AdapterLibrary } from "./library.ts";
import { readPeftWeights } from "./peft-weights.ts";
import type { SettingsReader } from "./settings-reader.ts";
import { mergeThere, refuseSwitches } from "./switches.ts";
import type { Switch } from "./switches.ts";

/** Hugging Face's PEFT. Sources: peft/config.py and peft/tuners/lora/config.py of PEFT 0.21. */
export const peft: AdapterLibrary = {
  name: "PEFT",
  configName: "adapter_config.json",
  entryNames: [
    "adapter_model.safetensors.index.json",
    "adapter_model.safetensors",
    "adapter_model.bin.index.json",
    "adapter_model.bin",
  ],
  readSettings(reader) {
    if (!isLora(reader)) return undefined;
    refuseStart(reader);
    refuseSwitches(reader, switches, harmless);
    const baseModel = reader.text("base_model_name_or_path");
    return {
      rank: reader.count("r"),
      alpha: reader.number("lora_alpha"),
      rankPattern: reader.patterns("rank_pattern", "count"),
      alphaPattern: reader.patterns("alpha_pattern", "number"),
      rsLora: reader.flag("use_rslora"),
      dora: reader.flag("use_dora"),
      loraBias: reader.flag("lora_bias"),
      fanInFanOut: reader.flag("fan_in_fan_out"),
      ...(baseModel !== undefined && { baseModel }),
      targets: reader.texts("target_modules"),
      modulesToSave: reader.texts("modules_to_save"),
      bias: reader.text("bias") ?? "none",
    };
  },
  readWeights: readPeftWeights,
};

/** What other methods call themselves, where `peft_type` spells it differently. */
const methodNames: ReadonlyMap<string, string> = new Map([
  ["ADALORA", "AdaLoRA"],
  ["LOHA", "LoHa"],
  ["LOKR", "LoKr"],
  ["PREFIX_TUNING", "prefix tuning"],
  ["PROMPT_TUNING", "prompt tuning"],
  ["P_TUNING", "P-tuning"],
  ["RANDLORA", "RandLora"],
  ["VERA", "VeRA"],
  ["XLORA", "X-LoRA"],
]);

function isLora({ values, problems }: SettingsReader): boolean {
  const type = values.get("peft_type");
  if (type === "LORA") return true;
  if (typeof type !== "string") {
    const message = `peft_type is ${describeJson(type)}, where the string "LORA" is needed`;
    problems.add({ code: "adapter/configuration", message });
    return false;
  }
  const method = methodNames.get(type) ?? shorten(type);
  const message = `holds an adapter of another method, ${method}; only LoRA adapters can be merged`;
  problems.add({ code: "adapter/unsupported", message, hint: mergeThere });
  return false;
}

/** Ways to start training that leave the base as it is. */
const plainStarts: ReadonlySet<JsonValue> = new Set<JsonValue>([
  true,
  false,
  null,
  "gaussian",
  "eva",
  "orthogonal",
  "mica",
]);

/** Ways that take from the base what the factors start with; PEFT can undo that on saving, and then writes `true`. */
const takingStarts: ReadonlyMap<string, string> = new Map([
  ["pissa", "PiSSA"],
  ["olora", "OLoRA"],
  ["corda", "CorDA"],
  ["lora_ga", "LoRA-GA"],
]);

/** Refuses an adapter whose base was changed before training: it is none of the base that the user has. */
function refuseStart({ values, problems }: SettingsReader): void {
  const value = values.get("init_lora_weights") ?? null;
  const start = typeof value === "string" ? value.toLowerCase().replace(/_niter_\d+$/, "") : value;
  if (plainStarts.has(start)) return;
  const setting = `init_lora_weights is ${describeJson(value)}`;
  const method = typeof start === "string" ? takingStarts.get(start) : undefined;
  if (method !== undefined) {
    const message = `${setting}: ${method} took the first factors out of the base's weights, and the adapter only fits what was left`;
    const hint =
      "save it again with path_initial_model_for_weight_conversion of PEFT, which makes it plain LoRA";
    problems.add({ code: "adapter/unsupported", message, hint });
  } else if (start === "loftq") {
    const message = `${setting}: LoftQ quantised the base, and the adapter makes up for what that lost`;
    const hint = "merge it with PEFT into the quantised base, and use the merged model";
    problems.add({ code: "adapter/unsupported", message, hint });
  } else {
    const message = `${setting}, a start of training that is not known here and may have changed the base`;
    problems.add({ code: "adapter/unsupported", message, hint: mergeThere });
  }
}

const cannotMerge = "it can't become part of the weights: use it with PEFT";

const switches: readonly Switch[] = [
  {
    key: "alora_invocation_tokens",
    meaning: "it is an aLoRA adapter, which works on the tokens after these alone",
    hint: cannotMerge,
  },
  {
    key: "arrow_config",
    meaning: "it is a router (Arrow), which chooses between adapters for each token",
    hint: cannotMerge,
  },
  { key: "kasa_config", meaning: "it is a KaSA adapter, which has a third factor", hint: mergeThere },
  {
    key: "layer_replication",
    meaning: "it was trained on a model with repeated layers, which its base does not have",
    hint: mergeThere,
  },
  {
    key: "megatron_config",
    meaning: "it was trained with Megatron, whose weights are parts of PEFT's",
    hint: mergeThere,
  },
  { key: "monteclora_config", meaning: "it is a MonteCLoRA adapter, which has samplers", hint: mergeThere },
  {
    key: "target_parameters",
    meaning: "it changes parameters that are no weights of layers, as those of experts in one tensor",
    hint: mergeThere,
  },
  {
    key: "trainable_token_indices",
    meaning: "it has rows of its own for some tokens",
    hint: mergeThere,
  },
  { key: "use_bdlora", meaning: "it is a BD-LoRA adapter, whose factors are blocks", hint: mergeThere },
  { key: "use_qalora", meaning: "it is a QALoRA adapter, made for quantised weights", hint: mergeThere },
  { key: "velora_config", meaning: "it is a VeLoRA adapter, which has projections", hint: mergeThere },
];

/** Settings that are read above, or that say how the adapter was trained and leave the meaning of its weights alone. */
const harmless: ReadonlySet<string> = new Set([
  "alpha_pattern",
  "auto_mapping",
  "base_model_name_or_path",
  "bias",
  "corda_config",
  "ensure_weight_tying",
  "eva_config",
  "exclude_modules",
  "fan_in_fan_out",
  "inference_mode",
  "init_lora_weights",
  "layers_pattern",
  "layers_to_transform",
  "loftq_config",
  "lora_alpha",
  "lora_bias",
  "lora_dropout",
  "lora_ga_config",
  "megatron_core",
  "merge_weights",
  "modules_to_save",
  "peft_type",
  "peft_version",
  "qalora_group_size",
  "r",
  "rank_pattern",
  "revision",
  "runtime_config",
  "target_modules",
  "task_type",
  "use_dora",
  "use_rslora",
]);
