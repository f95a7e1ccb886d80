import { describeJson } from "../../formats/describe-json.ts";
import type { JsonObject } from "../../formats/json.ts";
import { stackHeights } from "./layer-name.ts";
import { knownStacks } from "./known-stacks.ts";

/** The layers of a model that slices count. */
export interface LayerStack {
  /** What stands before the numbers of layers in names. */
  readonly name: string;
  readonly layers: number;
  /** The number that the first layer has in names. */
  readonly firstNumber: number;
}

/** Keys of config.json for the number of layers. */
export const layerCountKeys = ["num_hidden_layers", "n_layer", "num_layers", "n_layers"] as const;

/**
 * The layers of a model with tensors of these names: the stack that is as high as its config.json says, else the highest.
 * @param settings of its config.json, when there is one.
 */
export function layerStackOf(
  names: Iterable<string>,
  settings: JsonObject | undefined,
): LayerStack | { readonly fault: string } {
  const heights = stackHeights(names);
  const modelType = settings?.get("model_type");
  const known = knownStacks.find((one) => one.modelType === modelType);
  const name = known?.stacks.find((stack) => heights.has(stack));
  if (known !== undefined && name !== undefined) {
    const { before = 0, after = 0 } = known;
    return { name, layers: heights.get(name)! - before - after, firstNumber: before };
  }
  if (settings?.get("is_encoder_decoder") === true) {
    return {
      fault: `is an encoder and a decoder (${describeJson(modelType)}), and slices are of one stack of layers`,
    };
  }
  const stated = layerCountKeys.map((key) => settings?.get(key)).find((value) => value !== undefined);
  const stacks = [...heights].toSorted(([, a], [, b]) => b - a);
  const fitting = stacks.filter(([, height]) => height === stated);
  const [stack] = [...fitting.filter(([one]) => !isForMedia(one)), ...fitting, ...stacks];
  if (stack === undefined) return { fault: "has no layers: no name has a number between dots" };
  const [highest, height] = stack;
  // DeepSeek and GLM number the layers that predict more tokens after those that config.json counts.
  const layers = typeof stated === "number" && stated > 0 ? Math.min(stated, height) : height;
  return { name: highest, layers, firstNumber: 0 };
}

/** Whether a stack is that of a tower for images or sound, by its name. */
function isForMedia(stack: string): boolean {
  return /vis|image|audio|speech/i.test(stack);
}
