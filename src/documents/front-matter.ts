import { isOnlyAdapter } from "../recipe/only-adapter.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { Input, Part } from "./inputs.ts";

/**
 * What the Hugging Face Hub reads of a model card: lines of YAML between two of hyphens.
 * @param format whose tensors the weights are, as their header says: `pt`, or `np` for Paddle's.
 * Source: huggingface.co/docs/hub/model-cards.
 */
export function frontMatter(recipe: Recipe, inputs: readonly Input[], format: string): string {
  const parts = inputs.flatMap((input) => (input.adapter === undefined ? [input] : [input, input.adapter]));
  const ids = new Set(parts.flatMap(({ name }) => (name.isHubId ? [name.text] : [])));
  const relation = isOnlyAdapter(recipe) ? [] : ["base_model_relation: merge"];
  return [
    "---",
    ...(ids.size === 0
      ? ["# base_model is left out: no input is known by the name of a repository on the hub"]
      : ["base_model:", ...[...ids].map((id) => `  - ${quoted(id)}`), ...relation]),
    `library_name: ${format === "np" ? "paddlenlp" : "transformers"}`,
    ...licenceLines(parts),
    "tags:",
    "  - merge",
    "  - mergekit",
    "---",
  ].join("\n");
}

/** The licence that all parts state; where they state several, or one states none, it is for a person to say. */
function licenceLines(parts: readonly Part[]): readonly string[] {
  const [licence, ...others] = new Set(parts.map((part) => part.licence));
  return licence === undefined || others.length > 0 ? [] : [`license: ${quoted(licence)}`];
}

/** In quotes, for YAML takes `no`, `null` or `1.0` for something else than text. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
