import { defineMethod, exactly } from "./define.ts";
import { perModel } from "./parameters.ts";

/** One model as it is, or a multiple of it. */
export const passthrough = defineMethod({
  name: "passthrough",
  summary: "One model as it is, or a multiple of it: what stacks of layers are made with.",
  formula: "scale·d₁",
  reference: "https://github.com/arcee-ai/mergekit/blob/main/docs/merge_methods.md#passthrough-passthrough",
  differences: [],
  models: exactly(1),
  parameters: { scale: perModel(1, "What the model is multiplied by.") },
  recipe: { base: "listed", needsBase: false, parameters: { scale: { sets: "scale" } } },
  merge: ([tensor], { scale }) => (scale[0] === 1 ? tensor! : tensor!.mul(scale[0]!)),
  keepsOne: ({ scale }) => scale[0] === 1,
});
