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

/** A fenced block of `text`, which has no line that begins with a fence. */
export function codeBlock(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
