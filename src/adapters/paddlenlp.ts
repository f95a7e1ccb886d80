import type { Checkpoint, TensorInfo } from "../formats/checkpoint.ts";
import { describeJson } from "../formats/describe-json.ts";
import type { JsonValue } from "../formats/json.ts";
import type { ProblemList } from "../formats/problem-list.ts";
import type { AdapterWeights, Change } from "./change.ts";
import { checkFactors, noPair } from "./factors.ts";
import type { AdapterLibrary } from "./library.ts";
import { sortTensors } from "./module-parts.ts";
import type { Meaning } from "./module-parts.ts";
import { scaleOf } from "./settings.ts";
import type { AdapterSettings } from "./settings.ts";
import { mergeThere, refuseSwitches } from "./switches.ts";
import type { Switch } from "./switches.ts";

/** PaddleNLP. Sources: lora_config.py, lora_layers.py and lora_model.py in paddlenlp/peft/lora of PaddleNLP 3.0. */
export const paddlenlp: AdapterLibrary = {
  name: "PaddleNLP",
  configName: "lora_config.json",
  entryNames: [
    "peft_model.safetensors.index.json",
    "peft_model.safetensors",
    "peft_model.pdparams.index.json",
    "lora_model_state.pdparams",
  ],
  readSettings(reader) {
    refuseSwitches(reader, switches, harmless);
    const baseModel = reader.text("base_model_name_or_path");
    return {
      rank: reader.count("r"),
      alpha: reader.number("lora_alpha"),
      rankPattern: [],
      alphaPattern: [],
      rsLora: reader.flag("rslora"),
      dora: false,
      loraBias: false,
      fanInFanOut: false,
      ...(baseModel !== undefined && { baseModel }),
      targets: reader.texts("target_modules"),
      modulesToSave: reader.texts("trainable_modules"),
      bias: reader.text("trainable_bias") ?? "none",
    };
  },
  readWeights,
};

type Part = "lora_A" | "lora_B";

/** Factors are A [in, rank] and B [rank, out], weights [in, out], and the update is A · B. */
function readWeights(weights: Checkpoint, settings: AdapterSettings, problems: ProblemList): AdapterWeights {
  const { modules, replacements } = sortTensors(weights, meaningOf, problems);
  const changes = [...modules].flatMap(([module, parts]) => changesOf(module, parts, settings, problems));
  return { changes, replacements };
}

/** `MODULE.lora_A` and `MODULE.lora_B`; what was trained whole goes by its own name. */
function meaningOf(name: string): Meaning<Part> | undefined {
  const components = name.split(".");
  if (!components.some((component) => component.startsWith("lora_"))) return { replaces: name };
  const part = components.pop();
  const module = components.join(".");
  return module !== "" && (part === "lora_A" || part === "lora_B") ? { module, part } : undefined;
}

function changesOf(
  module: string,
  parts: ReadonlyMap<Part, TensorInfo>,
  settings: AdapterSettings,
  problems: ProblemList,
): readonly Change[] {
  const [a, b] = [parts.get("lora_A"), parts.get("lora_B")];
  if (a === undefined || b === undefined) return noPair(parts, problems);
  if (a.shape.length > 2) {
    const message = `has shape ${describeJson(a.shape)}, and is no factor of a matrix`;
    const hint = `${mergeThere}: of PaddleNLP's adapters only updates of matrices are read`;
    problems.add({ code: "adapter/unsupported", tensor: a.name, message, hint });
    return [];
  }
  const { rank, alpha } = settings;
  if (!checkFactors({ tensor: a, rankAxis: 1 }, { tensor: b, rankAxis: 0 }, rank, problems)) return [];
  const [rows, columns] = [a.shape[0]!, b.shape[1]!];
  const [left, right] = [a, b].map((tensor) => ({ tensor, transposed: false }));
  const scale = scaleOf(settings, alpha, rank);
  const update = { rows, columns, rank, scale, left: left!, right: right! };
  return [{ target: `${module}.weight`, shape: [rows, columns], update, transposable: false }];
}

const switches: readonly Switch[] = [
  { key: "do_qat", meaning: "it was trained with quantised weights", hint: mergeThere },
  {
    key: "enable_lora_list",
    meaning: "it changes parts of weights that hold several matrices in one",
    hint: mergeThere,
  },
  {
    key: "lora_use_mixer",
    meaning: "it is a MosLoRA adapter, which has a third factor",
    hint: mergeThere,
  },
  {
    key: "loraga",
    meaning:
      "LoRA-GA took the first factors out of the base's weights, and the adapter only fits what was left",
    hint: mergeThere,
  },
  {
    key: "pissa",
    meaning:
      "PiSSA took the first factors out of the base's weights, and the adapter only fits what was left",
    hint: mergeThere,
  },
  {
    key: "tensor_parallel_degree",
    meaning: "its files hold parts of tensors, one file for each device",
    hint: "save it with merge_tensor_parallel, or merge its parts with PaddleNLP first",
    isOff: (degree) => degree === null || degree === 0 || degree === 1 || isNegative(degree),
  },
  {
    key: "use_mora",
    meaning: "it is a MoRA adapter, which has one square matrix for two factors",
    hint: mergeThere,
  },
];

/** PaddleNLP writes -1 for what is not split over devices. */
function isNegative(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && "literal" in value && Number(value.literal) < 0;
}

/** Settings that are read above, or that say how the adapter was trained and leave the meaning of its weights alone. */
const harmless: ReadonlySet<string> = new Set([
  "base_model_name_or_path",
  "dtype",
  "head_dim",
  "lora_alpha",
  "lora_dropout",
  "lora_plus_scale",
  "lorapro",
  "merge_weights",
  "pipeline_parallel_degree",
  "r",
  "rslora",
  "scaling",
  "target_modules",
  "trainable_bias",
  "trainable_modules",
  "use_intermediate_api",
  "use_quick_lora",
]);
