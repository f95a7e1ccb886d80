import type { Problem } from "../errors.ts";
import { readSmallFile } from "../io/storage.ts";
import type { Storage } from "../io/storage.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { shorten } from "./describe-json.ts";
import { parseJson } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Bytes of a config.json; real ones take a few thousand. */
const maxConfigBytes = 16_000_000;

/**
 * What a checkpoint is quantised with (`gptq`, `awq`, `fp8`, `bitsandbytes` …), or undefined when it is not: by the
 * config.json beside the weights, else by tensors that only quantised checkpoints have.
 */
export async function quantisationOf(storage: Storage, checkpoint: Checkpoint): Promise<string | undefined> {
  return (await configuredMethod(storage, checkpoint)) ?? methodByTensors(checkpoint.tensors.keys());
}

/** The refusal of a quantised checkpoint: what its numbers mean is not in the tensors that hold them. */
export function quantisedProblem(checkpoint: Checkpoint, method: string): Problem {
  return {
    code: "checkpoint/quantised",
    file: checkpoint.path,
    message: `is quantised (${method}); merging needs the unquantised weights`,
    hint: "use the original model, or write a dequantised copy without quantization_config in its config.json",
  };
}

async function configuredMethod(storage: Storage, checkpoint: Checkpoint): Promise<string | undefined> {
  const [first] = checkpoint.files;
  const folder = first === undefined ? checkpoint.path : storage.parentOf(first.path);
  const path = storage.join(folder, "config.json");
  if ((await storage.look(path))?.kind !== "file") return undefined;
  const text = decodeUtf8(await readSmallFile(storage, path, maxConfigBytes));
  const parsed = parseJson(text ?? "");
  // A broken configuration is no reason to refuse the weights beside it.
  return "value" in parsed ? methodInConfig(parsed.value) : undefined;
}

function methodInConfig(config: JsonValue): string | undefined {
  if (!(config instanceof Map)) return undefined;
  const settings: JsonValue | undefined =
    config.get("quantization_config") ?? config.get("compression_config");
  if (!(settings instanceof Map)) return undefined;
  const method: JsonValue | undefined = settings.get("quant_method");
  if (typeof method === "string") return shorten(method);
  // The first versions of bitsandbytes' settings did not name it.
  const loads = settings.get("load_in_8bit") === true || settings.get("load_in_4bit") === true;
  return loads ? "bitsandbytes" : "by a method its config.json does not name";
}

/** Endings of tensor names that occur together only where a method has been at work. */
const traces: readonly { readonly method: string; readonly endings: readonly string[] }[] = [
  { method: "gptq", endings: [".qweight", ".qzeros", ".g_idx"] },
  { method: "awq", endings: [".qweight", ".qzeros"] },
  { method: "bitsandbytes, 8 bits", endings: [".SCB"] },
  { method: "bitsandbytes, 4 bits", endings: [".absmax"] },
  { method: "compressed-tensors", endings: [".weight_packed"] },
  { method: "fp8", endings: [".weight_scale_inv"] },
  { method: "fp8", endings: [".weight_scale"] },
  { method: "mxfp4", endings: ["_proj_blocks", "_proj_scales"] },
];

function methodByTensors(names: Iterable<string>): string | undefined {
  const known = new Set(traces.flatMap(({ endings }) => endings));
  const present = new Set<string>();
  for (const name of names) {
    for (const ending of known) if (name.endsWith(ending)) present.add(ending);
  }
  return traces.find(({ endings }) => endings.every((ending) => present.has(ending)))?.method;
}
