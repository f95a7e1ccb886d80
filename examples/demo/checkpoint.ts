import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "tensorweld";

/** The sizes of a Llama, as its config.json gives them. */
export interface LlamaSizes {
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly windowBytes: number;
  readonly normEpsilon: number;
  readonly ropeBase: number;
}

/** A checkpoint in memory: its sizes, and every tensor by name, widened to float32. */
export interface Checkpoint {
  readonly sizes: LlamaSizes;
  tensor(name: string): Float32Array;
}

/** The checkpoint in a folder that holds config.json and bf16 safetensors. */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const tensors = await readTensors(folder);
  return {
    sizes: await readSizes(join(folder, "config.json")),
    tensor(name) {
      const values = tensors.get(name);
      if (values === undefined) throw new Error(`${folder} has no tensor ${name}`);
      return values;
    },
  };
}

async function readTensors(folder: string): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  for (const { name, dtype, file, offset, bytes } of (await inspect(folder)).tensors) {
    if (dtype !== "BF16") throw new Error(`${name} is ${dtype}; the demo reads BF16 only`);
    const handle = await open(file);
    try {
      const span = new Uint8Array(bytes);
      await handle.read(span, 0, bytes, offset);
      tensors.set(name, widen(span));
    } finally {
      await handle.close();
    }
  }
  return tensors;
}

function widen(span: Uint8Array): Float32Array {
  const source = new DataView(span.buffer);
  const values = new Float32Array(span.length / 2);
  const bits = new Uint32Array(values.buffer);
  // A bf16 number is the upper half of the float32 that has the same value.
  for (let i = 0; i < bits.length; i++) bits[i] = source.getUint16(2 * i, true) << 16;
  return values;
}

async function readSizes(path: string): Promise<LlamaSizes> {
  const config: unknown = JSON.parse(await readFile(path, "utf8"));
  const size = (key: string): number => {
    const value: unknown =
      typeof config === "object" && config !== null ? Reflect.get(config, key) : undefined;
    if (typeof value !== "number") throw new Error(`${path} has no number ${key}`);
    return value;
  };
  return {
    width: size("hidden_size"),
    feedForwardWidth: size("intermediate_size"),
    layers: size("num_hidden_layers"),
    heads: size("num_attention_heads"),
    vocabulary: size("vocab_size"),
    windowBytes: size("max_position_embeddings"),
    normEpsilon: size("rms_norm_eps"),
    ropeBase: size("rope_theta"),
  };
}
