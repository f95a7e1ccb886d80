import type { Problem } from "../errors.ts";
import type { Findings } from "./findings.ts";
import { flags, type FlagName } from "./flags.ts";
import { defaultOf, type FlagReading } from "./read-flags.ts";
import type { ModelReference } from "./recipe.ts";

/** Whether nothing is merged but an adapter into its base; a recipe from a file says what is done besides. */
export function isOnlyAdapter(recipe: {
  readonly models: readonly ModelReference[];
  readonly base?: ModelReference;
  readonly source?: string;
}): boolean {
  const [first, second] = recipe.models;
  const isAlone = second === undefined && recipe.base === undefined;
  return first?.adapter !== undefined && isAlone && recipe.source === undefined;
}

/** Refuses flags of methods beside `lora_model_path`: one model by itself leaves them nothing to do. */
export function methodsBesideAdapter({ given, values }: FlagReading): Findings {
  if (!given.has("lora_model_path")) return { problems: [], notices: [] };
  const idle = [...flags].filter(
    ([name, flag]) =>
      flag.group === "Method" && name !== "seed" && given.has(name) && values[name] !== defaultOf(flag),
  );
  return { problems: idle.map(([name]) => contradiction(name)), notices: [] };
}

function contradiction(key: FlagName): Problem {
  const message = "has no effect with lora_model_path, which adds one adapter to its base";
  const hint = "leave it out, or list MODEL+ADAPTER in model_path_list to merge it with other models";
  return { code: "request/contradiction", key, message, hint };
}
