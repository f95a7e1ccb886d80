/** Entries of a card's front matter: a text, or a list of texts. */
export type Entries = Readonly<Record<string, string | readonly string[]>>;

/**
 * The front matter of a card. It reads the few forms of YAML that are the same to every reader of YAML, and throws at
 * any other: comments, `key: word`, `key: "text"` and lists of both, one item a line.
 */
export function readFrontMatter(card: string): Entries {
  const [, lines] = /^---\n((?:.*\n)*?)---\n/.exec(card) ?? [];
  if (lines === undefined) throw new Error("there is no front matter");
  const entries: Record<string, string | string[]> = {};
  let list: string[] = [];
  for (const line of lines.split("\n").slice(0, -1)) {
    const [, key, value] = /^([a-z_]+):(?: (.+))?$/.exec(line) ?? [];
    const [, item] = /^ {2}- (.+)$/.exec(line) ?? [];
    if (item !== undefined) list.push(scalar(item));
    else if (key === undefined ? !/^# [ -~]+$/.test(line) : key in entries)
      throw new Error(`not read: ${line}`);
    else if (key !== undefined) entries[key] = value === undefined ? (list = []) : scalar(value);
  }
  return entries;
}

function scalar(text: string): string {
  if (/^[a-z]{4,}$/.test(text) && !["true", "null", "false"].includes(text)) return text;
  // Escapes are not the same in JSON and in YAML.
  if (/^"[^"\\\p{Cc}]*"$/u.test(text)) return text.slice(1, -1);
  throw new Error(`not read: ${text}`);
}
