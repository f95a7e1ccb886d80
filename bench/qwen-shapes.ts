import type { TensorShape } from "./checkpoints.ts";

const LAYERS = 24;
const HIDDEN = 896;
const VOCABULARY = 151_936;
const FEED_FORWARD = 4864;
/** Width of keys and values: two heads of 64. */
const KEY_VALUE = 128;

/** The tensors of a model of 0.49 B parameters: Qwen2's smallest, whose head is its embedding. */
export function halfBillionShapes(): readonly TensorShape[] {
  const layers = Array.from({ length: LAYERS }, (_, layer) => layerShapes(`model.layers.${layer}`));
  return [
    { name: "model.embed_tokens.weight", shape: [VOCABULARY, HIDDEN] },
    ...layers.flat(),
    { name: "model.norm.weight", shape: [HIDDEN] },
  ];
}

function layerShapes(layer: string): readonly TensorShape[] {
  const tensor = (name: string, ...shape: readonly number[]): TensorShape => ({
    name: `${layer}.${name}`,
    shape,
  });
  return [
    tensor("input_layernorm.weight", HIDDEN),
    tensor("mlp.down_proj.weight", HIDDEN, FEED_FORWARD),
    tensor("mlp.gate_proj.weight", FEED_FORWARD, HIDDEN),
    tensor("mlp.up_proj.weight", FEED_FORWARD, HIDDEN),
    tensor("post_attention_layernorm.weight", HIDDEN),
    tensor("self_attn.k_proj.bias", KEY_VALUE),
    tensor("self_attn.k_proj.weight", KEY_VALUE, HIDDEN),
    tensor("self_attn.o_proj.weight", HIDDEN, HIDDEN),
    tensor("self_attn.q_proj.bias", HIDDEN),
    tensor("self_attn.q_proj.weight", HIDDEN, HIDDEN),
    tensor("self_attn.v_proj.bias", KEY_VALUE),
    tensor("self_attn.v_proj.weight", KEY_VALUE, HIDDEN),
  ];
}
