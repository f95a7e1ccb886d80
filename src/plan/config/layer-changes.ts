import type { JsonObject, JsonValue } from "../../formats/json.ts";
import { layerCountKeys } from "../arrangement/layer-stack.ts";
import type { ModelSettings } from "../model-settings.ts";
import { leadingModel, type Model, type Models, type OpenedSource } from "../models.ts";
import type { LayerChanges } from "./changes.ts";

/** What slices change in the donor's settings; undefined when these say nothing of the number of layers. */
export function layerChanges(models: Models, settings: ModelSettings): LayerChanges | undefined {
  const { slices = [] } = models;
  const donor = leadingModel(models);
  const before = layersOf(settings.get(donor));
  if (before === undefined) return undefined;
  const sources = slices.flatMap(({ layers, base, sources }) => {
    const leader = leadingSource(base === undefined ? sources : [base, ...sources], donor);
    return Array.from({ length: layers }, (_, layer) => ({
      model: leader.model,
      layer: leader.firstLayer + layer,
    }));
  });
  return {
    before,
    after: sources.length,
    keys: layerCountKeys,
    listOf(key, items) {
      const found = sources.map(({ model, layer }) =>
        model === donor ? items[layer] : itemOf(settings.get(model), key, layer),
      );
      return found.every((item) => item !== undefined) ? found : undefined;
    },
  };
}

/** The source whose settings a slice's layers have: the donor where it is one, else the base, else the first. */
function leadingSource(sources: readonly OpenedSource[], donor: Model): OpenedSource {
  return sources.find(({ model }) => model === donor) ?? sources[0]!;
}

function layersOf(settings: JsonObject | undefined): number | undefined {
  const stated = layerCountKeys.map((key) => settings?.get(key)).find((value) => value !== undefined);
  return typeof stated === "number" ? stated : undefined;
}

/** The item of a model's layer in a list that has one for each. */
function itemOf(settings: JsonObject | undefined, key: string, layer: number): JsonValue | undefined {
  const items = settings?.get(key);
  if (!Array.isArray(items) || items.length !== layersOf(settings)) return undefined;
  return (items as readonly JsonValue[])[layer];
}
