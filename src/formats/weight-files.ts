/** Endings of files that hold weights, or the state of a training run, in any program's format. */
const extensions: readonly string[] = [
  "safetensors",
  "bin",
  "pt",
  "pth",
  "ckpt",
  "pkl",
  "pickle",
  "pdparams",
  "pdopt",
  "pdstates",
  "distcp",
  "gguf",
  "ggml",
  "onnx",
  "onnx_data",
  "msgpack",
  "h5",
  "keras",
  "npy",
  "npz",
  "ot",
  "mlmodel",
  "tflite",
  "engine",
];

const weightFile = new RegExp(`\\.(?:${extensions.join("|")})(?:\\.index\\.json)?$`, "i");

/** Written beside weights by a training run; true of that run only. Sources: transformers' Trainer, DeepSpeed. */
const trainingFiles: ReadonlySet<string> = new Set([
  "trainer_state.json",
  "trainer_log.jsonl",
  "latest",
  "zero_to_fp32.py",
]);

/**
 * Whether the file called `name` holds weights, says where they are, or is the state of a training run. All other
 * files of a model folder (configuration, tokenizer, chat template, licence …) are companions: they go with it.
 */
export function isWeightFile(name: string): boolean {
  return weightFile.test(name) || trainingFiles.has(name);
}
