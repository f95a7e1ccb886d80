import type { JsonValue } from "./json.ts";

/** How a JSON text is laid out. */
export interface JsonLayout {
  /** What each level is indented by; absent: all is on one line. */
  readonly indent?: string;
  /** What stands after colons, and on one line after commas. */
  readonly space: "" | " ";
  /** Whether characters beyond ASCII are escaped. */
  readonly ascii: boolean;
  /** Whether the text ends with a line feed. */
  readonly final: boolean;
}

/** The layout of a JSON text, as far as its beginning and its end tell. */
export function layoutOf(text: string): JsonLayout {
  const [, indent] = /^\s*[{[]\r?\n([ \t]+)/.exec(text) ?? [];
  return {
    ...(indent !== undefined && { indent }),
    space: /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s/.test(text) ? " " : "",
    ascii: !/[^\0-\u007f]/.test(text),
    final: text.endsWith("\n"),
  };
}

/** The text of a value; numbers as they were written. Python's `json.dumps` gives the same for the same layout. */
export function jsonText(value: JsonValue, layout: JsonLayout): string {
  return valueText(value, layout, "\n") + (layout.final ? "\n" : "");
}

/** @param line the line feed and the blanks that the value's own line begins with. */
function valueText(value: JsonValue, layout: JsonLayout, line: string): string {
  if (typeof value === "string") return stringText(value, layout);
  if (value === null || typeof value !== "object") return String(value);
  if ("literal" in value) return value.literal;
  const inner = line + (layout.indent ?? "");
  if (value instanceof Map) {
    const members = [...value].map(
      ([name, member]) =>
        `${stringText(name, layout)}:${layout.space}${valueText(member as JsonValue, layout, inner)}`,
    );
    return grouped("{", members, "}", layout, line);
  }
  const items = (value as readonly JsonValue[]).map((item) => valueText(item, layout, inner));
  return grouped("[", items, "]", layout, line);
}

function grouped(
  open: string,
  items: readonly string[],
  close: string,
  { indent, space }: JsonLayout,
  line: string,
): string {
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(`,${space}`) + close;
  const inner = line + indent;
  return open + inner + items.join(`,${inner}`) + line + close;
}

function stringText(text: string, { ascii }: JsonLayout): string {
  const json = JSON.stringify(text);
  if (!ascii) return json;
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
