import type { Storage } from "../io/storage.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** The families of weight files in a model folder: `{prefix}.safetensors` and its like. */
export const weightPrefixes = ["model", "master_weights"] as const;

export type WeightPrefix = (typeof weightPrefixes)[number];

/** A way of storing weights in files. One row of the table in `formats/index.ts`. */
export interface Format {
  readonly name: string;
  /** Names of the files that reading a folder can start at, best first: an index, then the only weight file. */
  entryNames(prefix: WeightPrefix): readonly string[];
  /** Whether a single file called `name`, given by the user instead of a folder, is in this format. */
  claims(name: string): boolean;
  /**
   * Reads headers only. What it returns has been checked completely against the files' lengths.
   * @param path what the user named; @param entry the file to start at.
   * @throws TensorweldError `refused`, with every problem found.
   */
  read(storage: Storage, path: string, entry: string): Promise<Checkpoint>;
}
