import type { ModelName } from "./model-name.ts";

/**
 * `text` as Markdown that shows it as it is, after other text on its line: no emphasis, link, image, HTML, address or
 * formula comes of it.
 */
export function plainMarkdown(text: string): string {
  return text.replace(/[!#$&()*+.:<>@[\\\]^_`{|}~]/g, String.raw`\$&`);
}

/** A model's name, with a link to its repository where it has one. */
export function modelLink({ text, isHubId }: ModelName): string {
  if (!isHubId) return plainMarkdown(text);
  // Of what an id can hold only this means something inside a link.
  return `[${text.replaceAll("_", String.raw`\_`)}](https://huggingface.co/${text})`;
}

/** A fenced block of `text`; its fence is longer than any in it. */
export function codeBlock(language: string, text: string): string {
  const fences = text.match(/^\s*`{3,}/gm) ?? [];
  const fence = "`".repeat(Math.max(3, ...fences.map((found) => found.trim().length + 1)));
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
