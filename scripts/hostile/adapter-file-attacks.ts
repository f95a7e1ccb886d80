import { call, fileOf, global, proto, stop, text } from "../../test/support/pickle-writer.ts";
import { type FolderAttack, objectOf, peftSettings } from "./adapter-files.ts";

/** Adapters whose weights are absent, or are not what the names of their files say. */
export const adapterFileAttacks: readonly FolderAttack[] = [
  weights(
    "weights-absent",
    {},
    "adapter/not-found",
    "has adapter_config.json and no weights: looked for adapter_model.safetensors.index.json, adapter_model.safetensors, adapter_model.bin.index.json, adapter_model.bin; there are adapter_config.json",
  ),
  weights(
    "weights-empty",
    { "adapter_model.safetensors": "" },
    "safetensors/too-short",
    "is 0 bytes long; a safetensors file has at least 8",
  ),
  weights(
    "weights-git-lfs-pointer",
    { "adapter_model.safetensors": "version https://git-lfs.example/spec/v1\n" },
    "safetensors/header-length",
    "its first 8 bytes say that the header takes 2336927755350992246 bytes, but the format allows 100000000",
  ),
  {
    name: "weights-that-run",
    files: {
      "lora_config.json": objectOf({ r: "2", lora_alpha: "4" }),
      "lora_model_state.pdparams": fileOf(
        `${proto(2)}${call(global("os", "system"), text("echo harm"))}${stop}`,
      ),
    },
    answers: [
      {
        code: "pickle/global",
        message: 'GLOBAL at byte 2 asks to import "os.system", which no checkpoint needs',
      },
    ],
  },
];

function weights(name: string, files: FolderAttack["files"], code: string, message: string): FolderAttack {
  return {
    name,
    files: { "adapter_config.json": objectOf(peftSettings), ...files },
    answers: [{ code, message }],
  };
}
