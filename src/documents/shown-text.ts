/** Characters of a name. Real ones have some thirty; a repository's on the hub at most 96 on either side of the slash. */
const MAX_CHARACTERS = 200;

/**
 * What a reader does not see, or what moves other text: controls, lone surrogates, ends of lines, marks of direction and of
 * width zero, tags. Listed, for what else Unicode may come to call a format character would change what is written.
 */
const unseen =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * `text` on one line and no longer than a name may be, with everything that is not seen as `\u001b`. Names of folders and
 * files come from strangers, and go into headers, YAML and Markdown.
 */
export function shownText(text: string): string {
  const characters = Array.from(text.replace(unseen, escaped));
  if (characters.length <= MAX_CHARACTERS) return characters.join("");
  return `${characters.slice(0, MAX_CHARACTERS - 1).join("")}…`;
}

/** A JSON text that shows all it holds, and is the same to whoever parses it; its lines stay. */
export function shownJson(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(unseen, escaped))
    .join("\n");
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
