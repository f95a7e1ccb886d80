import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { entryOf, fileOf } from "../../scripts/hostile/safetensors-bytes.ts";

/**
 * A name that clears the screen, sets the window's title, colours, turns text around, ends lines, and goes on at the
 * beginning of one of its own.
 */
export const hostileName =
  "\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\u2066\u200f\u2028\u0085\r\b\u007f\nFORGED name";

/** The same in a text from inside a file, with what no name of a file can hold. */
export const hostileText = `${hostileName}\u0000\u001b]8;;http://x\u001b\\`;

/** A text as YAML may have it, every character of it by its number. */
export function yamlText(text: string): string {
  return `"${text.replaceAll(/[^]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}

/** What a terminal would obey, and never shows: all of it but the ends of lines. */
export const orders = /[^\P{Cc}\n]|[\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A safetensors file with tensors of two F32 numbers by these names. */
export function tensorFile(
  names: readonly string[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = names.map((name, at) => entryOf(name, '"F32"', "[2]", `[${8 * at},${8 * at + 8}]`));
  return fileOf(`{"__metadata__":${JSON.stringify(metadata)},${entries.join(",")}}`, 8 * names.length);
}

/** Writes the files of a folder, plain objects as JSON; returns its path. */
export function writeFolder(
  folder: string,
  files: Readonly<Record<string, object | string | Uint8Array>>,
): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, contents] of Object.entries(files)) {
    const isBytes = typeof contents === "string" || contents instanceof Uint8Array;
    writeFileSync(join(folder, name), isBytes ? contents : JSON.stringify(contents));
  }
  return folder;
}
