import type { JsonValue } from "./json.ts";

/** A value as a message shows it, short however long it is: `the string "F31"`, `1e3`, `[2, -1]`, `an object`. */
export function describeJson(value: JsonValue | undefined): string {
  if (value === undefined) return "absent";
  if (!Array.isArray(value)) return describeSingle(value);
  const maxItems = 8;
  const items = value.slice(0, maxItems).map((item) => (Array.isArray(item) ? "[…]" : describeSingle(item)));
  return `[${items.join(", ")}${value.length > maxItems ? ", …" : ""}]`;
}

function describeSingle(value: JsonValue): string {
  if (typeof value === "string") return `the string ${JSON.stringify(shorten(value))}`;
  if (value === null || typeof value !== "object") return String(value);
  return "literal" in value ? shorten(value.literal) : "an object";
}

/** A text cut to a length that fits into a message. */
export function shorten(text: string): string {
  const maxCharacters = 200;
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}

/** The character at `position` as a message shows it: `"}"`, `U+FEFF`, `the end`. */
export function describeCharacter(text: string, position: number): string {
  const point = text.codePointAt(position);
  if (point === undefined) return "the end";
  if (point > 0x20 && point < 0x7f) return JSON.stringify(String.fromCodePoint(point));
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}
