import type { Storage } from "../io/storage.ts";
import { configurationOf } from "../recipe/configuration.ts";
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
  readonly documents: readonly { readonly name: string; readonly text: string }[];
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
  const title = storage.nameOf(settings.outputPath);
  return {
    metadata: new Map([[PROVENANCE_KEY, provenanceText(provenance)]]),
    documents: [
      { name: "merge_config.json", text: shownJson(configurationOf(recipe, provenance)) },
      ...(recipe.modelCard
        ? [{ name: "README.md", text: modelCard({ title, recipe, inputs, format }) }]
        : []),
    ],
  };
}
