import type { JsonValue } from "./json.ts";

/** What `JSON.parse` would give for a value: objects for maps, the nearest numbers for literals. */
export function plainJson(value: JsonValue): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, member]) => [name, plainJson(member)]));
  }
  return "literal" in value ? Number(value.literal) : (value as readonly JsonValue[]).map(plainJson);
}
