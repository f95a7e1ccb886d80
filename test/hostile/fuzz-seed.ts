import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileOf } from "../support/pickle-writer.ts";

/** What inputs are made from. */
export interface FuzzSeed {
  readonly name: string;
  /** What is changed. */
  readonly body: Uint8Array;
  /** The files of a checkpoint around a changed body, by absolute path; the first is opened. */
  readonly files: (body: Uint8Array) => readonly (readonly [path: string, bytes: Uint8Array])[];
}

/** Inputs of one format. */
export interface FuzzFormat {
  /** Changed by bytes. */
  readonly seeds: readonly FuzzSeed[];
  /** Changed by pieces, as `inPieces` makes them. */
  readonly pieced: readonly FuzzSeed[];
  /** Pieces that mean something in the format, as Latin-1. */
  readonly tokens: readonly string[];
}

/** Bytes of a file that is taken as a seed: of larger ones, most changes would hit the tensors, where nothing breaks. */
const maxSeedBytes = 4096;

const test = join(import.meta.dirname, "..");

const folders = [
  "golden/formats",
  "golden/safetensors",
  "hostile/safetensors",
  "hostile/pickle",
  "hostile/zip",
];

/** Every small file kept for another test whose name ends in `ending`, changed as a whole. */
export function committed(ending: string): readonly FuzzSeed[] {
  return folders.flatMap((folder) =>
    readdirSync(join(test, folder), { recursive: true, encoding: "utf8" })
      .toSorted()
      .filter((name) => name.endsWith(ending) && statSync(join(test, folder, name)).size <= maxSeedBytes)
      .map((name) => whole(`${folder}/${name}`, `x${ending}`, readFileSync(join(test, folder, name)))),
  );
}

/** A file that is changed as a whole. */
export function whole(name: string, file: string, bytes: Uint8Array): FuzzSeed {
  return { name, body: bytes, files: (body) => [[`/m/${file}`, body]] };
}

/**
 * A file that is changed by pieces: its body has a byte for each, the piece's place among all that there are. So changes
 * give other orders of pieces, where changes of bytes would mostly break a piece.
 */
export function inPieces(
  name: string,
  pieces: readonly string[],
  others: readonly string[],
  files: FuzzSeed["files"],
): FuzzSeed {
  const all = [...new Set([...pieces, ...others])];
  const text = (body: Uint8Array): string => Array.from(body, (place) => all[place % all.length]!).join("");
  const body = Uint8Array.from(pieces, (piece) => all.indexOf(piece));
  return { name, body, files: (changed) => files(fileOf(text(changed))) };
}
