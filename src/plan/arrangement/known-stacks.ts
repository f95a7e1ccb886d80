/** Where the layers of an architecture are, whose names and config.json can't tell. */
export interface KnownStack {
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** What stands before the numbers of layers; the first that a model has counts. */
  readonly stacks: readonly string[];
  /** How many numbers at the beginning, and at the end, are no layers but embeddings and a head; absent: none. */
  readonly before?: number;
  readonly after?: number;
}

export const knownStacks: readonly KnownStack[] = [
  // Phi-1 numbers its embeddings as layer 0 and its head as the layer after the last.
  { modelType: "mixformer-sequential", stacks: ["layers"], before: 1, after: 1 },
  // Small ones have as many layers for images as for text.
  { modelType: "internvl_chat", stacks: ["language_model.model.layers"] },
  { modelType: "internvl", stacks: ["model.language_model.layers", "language_model.model.layers"] },
];
