import type { Findings } from "./findings.ts";
import type { FlagReading } from "./read-flags.ts";

/** Name of the file that a folder's model card is in. */
export const MODEL_CARD_NAME = "README.md";

/** Whether the output has a model card of its own, and what there is to say about that. */
export interface ModelCardChoice extends Findings {
  readonly modelCard: boolean;
}

/** Where the input's card is asked for by name, there is none of the output's own: one file can't be both. */
export function chooseModelCard({ values, given }: FlagReading): ModelCardChoice {
  const { model_card: modelCard, copy_file_list: files } = values;
  // Some systems take names for the same that differ in case.
  const name = files?.find((file) => file.toLowerCase() === MODEL_CARD_NAME.toLowerCase());
  if (!modelCard || name === undefined) return { modelCard, problems: [], notices: [] };
  if (!given.has("model_card")) {
    const notice = `copy_file_list names ${name}: it is copied, and no model card is written.`;
    return { modelCard: false, problems: [], notices: [notice] };
  }
  const message = `names ${name}, but with model_card the output has one of its own`;
  const hint = `leave ${name} out, or add --model_card false`;
  return {
    modelCard,
    problems: [{ code: "request/contradiction", key: "copy_file_list", message, hint }],
    notices: [],
  };
}
