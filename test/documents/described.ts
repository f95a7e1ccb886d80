import type { Input } from "../../src/documents/inputs.ts";
import type { Recipe } from "../../src/recipe/recipe.ts";

export const hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/** A model of one file; a name with a slash is its repository's on the hub. */
export function described(name: string, more: Partial<Input> = {}): Input {
  return {
    name: { text: name, isHubId: name.includes("/") },
    role: "model",
    files: [{ name: "model.safetensors", header: hash }],
    ...more,
  };
}

/** A recipe whose paths must not show anywhere. */
export const recipe: Recipe = {
  models: [{ path: "/secret/a" }, { path: "/secret/b" }],
  combination: { merge: { method: "linear", parameters: { weight: [0.7, 0.3], normalize: false } } },
  prefix: "model",
  maxShardBytes: 5e9,
  modelCard: true,
  seed: 42,
};
