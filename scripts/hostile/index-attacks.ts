import { type FolderAttack, objectOf, peftSettings } from "./adapter-files.ts";
import { escapingNames } from "./escaping-names.ts";

const peftConfig = { "adapter_config.json": objectOf(peftSettings) };
const paddleConfig = { "lora_config.json": objectOf({ r: "2", lora_alpha: "4" }) };

/** Indexes of all formats, of models and of adapters, but those of models in safetensors, which have their own folder. */
export const indexAttacks: readonly FolderAttack[] = [
  ...escapes("pdparams", "model_state.pdparams.index.json", ".pdparams"),
  ...escapes("bin", "pytorch_model.bin.index.json", ".bin"),
  ...escapes("peft", "adapter_model.safetensors.index.json", ".safetensors", peftConfig),
  ...escapes("peft-bin", "adapter_model.bin.index.json", ".bin", peftConfig),
  ...escapes("paddle", "peft_model.pdparams.index.json", ".pdparams", paddleConfig),
];

/** An index with each of the names that lead elsewhere, and `beside` it other files. */
function escapes(
  what: string,
  index: string,
  extension: string,
  beside: FolderAttack["files"] = {},
): readonly FolderAttack[] {
  return escapingNames(extension).map((escaping) => ({
    name: `index-${what}-${escaping.what}`,
    files: { [index]: JSON.stringify({ weight_map: { a: escaping.file } }), ...beside },
    answers: [
      {
        code: "index/unsafe-path",
        message: `weight_map names the file ${JSON.stringify(escaping.file)}, which contains ${JSON.stringify(escaping.harm)}`,
      },
    ],
  }));
}
