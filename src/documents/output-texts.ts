import type { Storage } from "../io/storage.ts";
import { configurationOf } from "../recipe/configuration.ts";
import { MODEL_CARD_NAME } from "../recipe/model-card-choice.ts";
import type { Request } from "../recipe/recipe.ts";
import { describeInputs, type OpenedModels } from "./inputs.ts";
import { makeProvenance } from "./make-provenance.ts";
import { modelCard } from "./model-card.ts";
import { PROVENANCE_KEY, provenanceText } from "./provenance.ts";
import { shownJson } from "./shown-text.ts";

/** What an output says of itself. */
export interface OutputTexts {
  /** Key-value pairs for the header of every shard. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Small files beside the weights. */
  readonly documents: readonly OutputText[];
  /** The same as they would be if the output had no name: what tells one merge from another, wherever it goes. */
  readonly nameless: readonly OutputText[];
}

interface OutputText {
  readonly name: string;
  readonly text: string;
}

/**
 * The texts of the output that `request` asks for: its provenance, its configuration and, when it is to have one, its
 * model card.
 * @param format whose tensors the weights are, as their header will say: `pt`, or `np` for Paddle's.
 * @throws TensorweldError `io/read` when a file beside a model's weights can't be read.
 */
export async function outputTexts(
  storage: Storage,
  { recipe, settings }: Request,
  opened: OpenedModels,
  format: string,
): Promise<OutputTexts> {
  const inputs = await describeInputs(storage, recipe, opened);
  const provenance = makeProvenance(recipe, inputs);
  const documentsOf = (title: string): readonly OutputText[] => [
    { name: "merge_config.json", text: shownJson(configurationOf(recipe, provenance)) },
    ...(recipe.modelCard
      ? [{ name: MODEL_CARD_NAME, text: modelCard({ title, recipe, inputs, format }) }]
      : []),
  ];
  return {
    metadata: new Map([[PROVENANCE_KEY, provenanceText(provenance)]]),
    documents: documentsOf(storage.nameOf(settings.outputPath)),
    nameless: documentsOf(""),
  };
}
