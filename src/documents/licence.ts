/** An identifier as the hub lists them: `apache-2.0`, `llama3.1`, `cc-by-nc-4.0`. */
const identifier = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** Identifiers that say that the licence is some other text: two models that state them need not share one. */
const unspecific: ReadonlySet<string> = new Set(["other", "unknown"]);

/**
 * The licence that a model card states in its front matter, as an identifier of the hub; undefined when there is none,
 * or more than one. Source: huggingface.co/docs/hub/model-cards.
 */
export function statedLicence(card: string): string | undefined {
  const [, frontMatter = ""] = /^---\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)/s.exec(card) ?? [];
  const [entry, second] = [...frontMatter.matchAll(/^license:(.*)$/gm)];
  if (entry === undefined || second !== undefined) return undefined;
  const licence = entry[1]!.trim().replace(/^(["'])(.*)\1$/, "$2");
  return identifier.test(licence) && !unspecific.has(licence) ? licence : undefined;
}
