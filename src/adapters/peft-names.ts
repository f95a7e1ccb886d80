import type { Meaning } from "./module-parts.ts";

/** The parts that PEFT's update of a module can have. */
export type PeftPart =
  | "lora_A"
  | "lora_B"
  | "lora_embedding_A"
  | "lora_embedding_B"
  | "lora_magnitude_vector"
  | "lora_B.bias";

const prefix = "base_model.model.";

/** What a part's name ends in, once the name of the adapter is taken out of it. */
const endings: ReadonlyMap<string, PeftPart> = new Map([
  ["lora_A.weight", "lora_A"],
  ["lora_B.weight", "lora_B"],
  ["lora_B.bias", "lora_B.bias"],
  ["lora_embedding_A", "lora_embedding_A"],
  ["lora_embedding_B", "lora_embedding_B"],
  ["lora_magnitude_vector", "lora_magnitude_vector"],
  ["lora_magnitude_vector.weight", "lora_magnitude_vector"],
]);

/** Components that only PEFT's own parameters have, besides those that start with `lora_`. */
const otherParameters: ReadonlySet<string> = new Set(["token_adapter", "original_module"]);

/**
 * What a tensor called `name` is for; undefined when PEFT's LoRA adapters have no such tensor. The name of the adapter
 * may stand in it: `….lora_A.default.weight`. Source: peft/utils/save_and_load.py.
 */
export function meaningOfPeftName(name: string): Meaning<PeftPart> | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const components = name.slice(prefix.length).split(".");
  const start = components.findIndex((component) => component.startsWith("lora_"));
  if (start < 0) return replacement(components);
  const module = components.slice(0, start).join(".");
  const [parameter, ...rest] = components.slice(start);
  const part = partAt([parameter!, ...rest]) ?? partAt([parameter!, ...rest.slice(1)]);
  return module === "" || part === undefined ? undefined : { module, part };
}

function partAt(components: readonly string[]): PeftPart | undefined {
  return endings.get(components.join("."));
}

/** A tensor outside of updates: of a module that was trained whole, or a bias. */
function replacement(components: readonly string[]): Meaning<PeftPart> | undefined {
  if (components.some((component) => otherParameters.has(component))) return undefined;
  const kept = components.filter((component) => component !== "base_layer");
  const wrapper = kept.indexOf("modules_to_save");
  // The name of the adapter follows, unless it was taken out already.
  if (wrapper >= 0) kept.splice(wrapper, wrapper < kept.length - 2 ? 2 : 1);
  return { replaces: kept.join(".") };
}
