/** On which side of the layers a tensor outside them acts. */
export type Side = "before" | "after";

/**
 * Parts of names, between dots, of what comes after the layers: final norms, heads and what belongs to them, as
 * transformers calls them. Everything else outside layers comes before them: embeddings of tokens, positions and images.
 */
const afterLayers: ReadonlySet<string> = new Set([
  // Final norms; LFM2 calls its own embedding_norm.
  "norm",
  "final_norm",
  "final_layernorm",
  "final_layer_norm",
  "ln_f",
  "norm_f",
  "ln_out",
  "embedding_norm",
  // Heads.
  "lm_head",
  "embed_out",
  "output",
  "output_layer",
  "project_out",
  "head",
  "score",
  "classifier",
  "pre_classifier",
  "qa_outputs",
  "pooler",
  "cls",
  "vocab_projector",
  "vocab_transform",
  "vocab_layer_norm",
]);

/** On which side of the layers a tensor acts whose name has no number of a layer. */
export function sideOf(name: string): Side {
  return name.split(".").some((part) => afterLayers.has(part)) ? "after" : "before";
}
