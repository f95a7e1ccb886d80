import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The hidden folder in which a merge into `output` works. */
export function workshopOf(output: string): string {
  return join(dirname(output), `.${basename(output)}.tensorweld`);
}

/** Pieces that the journals beside `output` call written; a line without its end does not count. */
export function journaledPieces(output: string): number {
  const workshop = workshopOf(output);
  const journals = namesIn(workshop).filter((name) => name.endsWith(".journal"));
  const lines = journals.flatMap((name) => textOf(join(workshop, name)).split("\n").slice(0, -1));
  const pieces = lines.filter((line) => line.startsWith('{"kind":"piece"'));
  return new Set(pieces.map((line) => line.slice(0, line.indexOf('"result"')))).size;
}

/** Whether the last file of the output is written, so that it is about to get its name. */
export function isManifestStaged(output: string): boolean {
  const workshop = workshopOf(output);
  return namesIn(workshop).some((name) => existsSync(join(workshop, name, "merge_manifest.json")));
}

// What a merge works on may be gone between two calls.

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
