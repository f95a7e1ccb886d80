/** Characters of a value that a message shows; a list of a thousand weights would bury the sentence around it. */
const maxCharacters = 80;

/** A value as a message shows it: JSON, cut where it gets long. */
export function showValue(value: unknown): string {
  const text = textOf(value);
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}

function textOf(value: unknown): string {
  if (typeof value === "number") return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // JSON has neither 42n nor an object that holds itself.
    return String(value);
  }
}
