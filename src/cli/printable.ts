/** Control characters of both sets, and those that turn the direction of text around: all can forge a terminal's lines. */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** `text` on one line, with everything that a terminal would obey instead of show as `\u001b`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** A JSON document that is safe to print, and the same to whoever parses it. */
export function jsonText(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split("\n");
  return lines.map(printable).join("\n");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
