/** A tensor that is no weight: the program that runs the model computes it, and ignores what a file has. */
interface Buffer {
  readonly ending: string;
  /** Number of axes, where a weight could have the same name. */
  readonly axes?: number;
}

/** Buffers that releases of transformers before 4.32 stored in checkpoints. */
const buffers: readonly Buffer[] = [
  { ending: "rotary_emb.inv_freq" },
  { ending: "rotary_pos_emb.inv_freq" },
  { ending: "embeddings.position_ids" },
  // Masks of GPT-2, GPT-Neo, GPT-J and GPT-NeoX.
  { ending: ".attn.bias", axes: 4 },
  { ending: ".attention.bias", axes: 4 },
  { ending: ".masked_bias" },
];

/** Whether a tensor is one that models compute themselves. */
export function isBuffer(name: string, shape: readonly number[]): boolean {
  return buffers.some(
    ({ ending, axes }) => name.endsWith(ending) && (axes === undefined || shape.length === axes),
  );
}
