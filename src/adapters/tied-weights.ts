import type { Checkpoint } from "../formats/checkpoint.ts";

/** What names of input embeddings and of output layers end in, in models of language. */
const embeddings = [
  "embed_tokens.weight",
  "wte.weight",
  "word_embeddings.weight",
  "embed_in.weight",
  "tok_embeddings.weight",
  "backbone.embeddings.weight",
];
const outputs = ["lm_head.weight", "embed_out.weight", "output.weight", "decoder.weight"];

/** Whether a tensor called `name` is a table of tokens' embeddings. */
export function isEmbedding(name: string): boolean {
  return embeddings.some((ending) => name.endsWith(ending));
}

/** Whether a tensor called `name` is the weight of an output layer. */
export function isOutput(name: string): boolean {
  return outputs.some((ending) => name.endsWith(ending));
}

/** What the user should know when embeddings among `changed` may be the base's output layers too. */
export function tiedNotices(changed: Iterable<string>, base: Checkpoint): readonly string[] {
  const names = [...changed].filter(isEmbedding);
  if (names.length === 0 || [...base.tensors.keys()].some(isOutput)) return [];
  return names.map(
    (name) =>
      `${name} changes, and ${base.path} has no output layer of its own: one that shares this embedding changes with it`,
  );
}
