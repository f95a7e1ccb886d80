/** Characters of a value that a message shows; a list of a thousand weights would bury the sentence around it. */
const maxCharacters = 80;

/** A value as a message shows it: JSON, cut where it gets long. */
export function showValue(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}
