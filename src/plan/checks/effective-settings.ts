import type { JsonObject, JsonValue } from "../../formats/json.ts";

/**
 * The settings of a config.json as they act, so that two ways of writing the same thing are the same. Of a multimodal
 * model those of its language model, which stand in `text_config`, come up to the top where that says nothing.
 * Source: the configuration classes of transformers 4 and 5.
 */
export function effectiveSettings(config: JsonObject): JsonObject {
  const nested = config.get("text_config");
  const settings = new Map<string, JsonValue>([...(nested instanceof Map ? nested : []), ...config]);
  // Qwen's models state the length of a window even when they do not use it, each its own.
  if (settings.get("use_sliding_window") === false) settings.set("sliding_window", null);

  // Version 5 of transformers has one object for what were two settings.
  const parameters = settings.get("rope_parameters");
  const scaling = parameters ?? settings.get("rope_scaling");
  if (scaling === undefined) return settings;
  const theta: JsonValue | undefined = parameters instanceof Map ? parameters.get("rope_theta") : undefined;
  if (theta !== undefined) settings.set("rope_theta", theta);
  return settings.set("rope_scaling", ropeScaling(scaling));
}

/** How positions are stretched, under the newer of the names that this has had; null when they are not. */
function ropeScaling(scaling: JsonValue): JsonValue {
  if (!(scaling instanceof Map)) return scaling;
  const parts = new Map<string, JsonValue>(scaling);
  const type = parts.get("rope_type") ?? parts.get("type") ?? null;
  parts.set("rope_type", type);
  for (const key of ["type", "rope_theta"]) parts.delete(key);
  return type === "default" && parts.size === 1 ? null : parts;
}
