import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeCheckpoint, type TensorShape } from "./checkpoints.ts";

const LAYERS = 22;
const HIDDEN = 2048;
const VOCABULARY = 32_000;
const FEED_FORWARD = 5632;
/** Width of keys and values: four heads of 64. */
const KEY_VALUE = 256;

/** The linear layers of a block, by their names: outputs, then inputs. */
const linearLayers: Readonly<Record<string, readonly [outputs: number, inputs: number]>> = {
  "mlp.down_proj": [HIDDEN, FEED_FORWARD],
  "mlp.gate_proj": [FEED_FORWARD, HIDDEN],
  "mlp.up_proj": [FEED_FORWARD, HIDDEN],
  "self_attn.k_proj": [KEY_VALUE, HIDDEN],
  "self_attn.o_proj": [HIDDEN, HIDDEN],
  "self_attn.q_proj": [HIDDEN, HIDDEN],
  "self_attn.v_proj": [KEY_VALUE, HIDDEN],
};

/** The tensors of a model of 1.1 B parameters, 2.2 GB in BF16: TinyLlama's. */
export function tinyLlamaShapes(): readonly TensorShape[] {
  const layers = Array.from({ length: LAYERS }, (_, layer) => [
    { name: `model.layers.${layer}.input_layernorm.weight`, shape: [HIDDEN] },
    { name: `model.layers.${layer}.post_attention_layernorm.weight`, shape: [HIDDEN] },
    ...Object.entries(linearLayers).map(([name, shape]) => ({
      name: `model.layers.${layer}.${name}.weight`,
      shape,
    })),
  ]);
  return [
    { name: "lm_head.weight", shape: [VOCABULARY, HIDDEN] },
    { name: "model.embed_tokens.weight", shape: [VOCABULARY, HIDDEN] },
    ...layers.flat(),
    { name: "model.norm.weight", shape: [HIDDEN] },
  ];
}

/** Writes a PEFT adapter of that rank on all linear layers of the blocks into `folder`, unless one is there. */
export function makeAdapter(folder: string, rank: number): void {
  const shapes = Array.from({ length: LAYERS }, (_, layer) =>
    Object.entries(linearLayers).flatMap(([name, [outputs, inputs]]) => {
      const module = `base_model.model.model.layers.${layer}.${name}`;
      return [
        { name: `${module}.lora_A.weight`, shape: [rank, inputs] },
        { name: `${module}.lora_B.weight`, shape: [outputs, rank] },
      ];
    }),
  );
  makeCheckpoint(folder, shapes.flat(), 7, "adapter_model.safetensors");
  const configuration = join(folder, "adapter_config.json");
  if (existsSync(configuration)) return;
  const settings = { peft_type: "LORA", r: rank, lora_alpha: 2 * rank, bias: "none", fan_in_fan_out: false };
  writeFileSync(configuration, JSON.stringify(settings));
}
