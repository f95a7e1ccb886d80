import type { Problem } from "../errors.ts";
import type { ByteSource } from "../io/source.ts";
import type { TensorInfo } from "./checkpoint.ts";
import type { ProblemList } from "./problem-list.ts";

/** The families of weight files in a model folder: `{prefix}.safetensors` and its like. */
export const weightPrefixes = ["model", "master_weights"] as const;

export type WeightPrefix = (typeof weightPrefixes)[number];

/** What follows a weight file's extension in the name of the index of its shards. */
export const indexSuffix = ".index.json";

/** A way of storing weights in files. One row of the table in `formats/index.ts`. */
export interface Format {
  readonly name: string;
  /** What names of its files end in, each with its dot. */
  readonly extensions: readonly string[];
  /** Names of the files that reading a model folder can start at, best first: an index, then the only weight file. */
  entryNames(prefix: WeightPrefix): readonly string[];
  /**
   * The tensors of one file, from its headers alone, everything checked against its length; undefined when something
   * is wrong: then `problems` says what. @throws TensorweldError `io/read` or `io/short-read`.
   */
  readFile(source: ByteSource, problems: ProblemList): Promise<WeightFile | undefined>;
  /** Why reading cannot start at the file `entry` in a folder of these names; undefined when nothing there says so. */
  faultBeside?(entry: string, names: readonly string[]): FileFault | undefined;
}

/** What is wrong with a file as a whole. */
export type FileFault = Pick<Problem, "code" | "message" | "hint">;

/** What a weight file's header says. */
export interface WeightFile {
  /** In the order of the file; names are unique. */
  readonly tensors: readonly TensorInfo[];
  /** The header's own key-value pairs. */
  readonly metadata: ReadonlyMap<string, string>;
  /** SHA-256 in hexadecimal over names, types, shapes and places of its tensors. */
  readonly headerHash: string;
  /** Things worth telling the user that do not stop a merge. */
  readonly notices: readonly string[];
}

/** Whether a file called `name` is a weight file of the format, or an index of such files. */
export function claims({ extensions }: Format, name: string): boolean {
  return extensions.some((extension) => name.endsWith(extension) || name.endsWith(extension + indexSuffix));
}
