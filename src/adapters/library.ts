import type { Checkpoint } from "../formats/checkpoint.ts";
import type { ProblemList } from "../formats/problem-list.ts";
import type { AdapterWeights } from "./change.ts";
import type { SettingsReader } from "./settings-reader.ts";
import type { AdapterSettings } from "./settings.ts";

/** A library's way of writing LoRA adapters down. One row of the table in `adapter.ts`. */
export interface AdapterLibrary {
  readonly name: string;
  /** Name of the file with its settings. */
  readonly configName: string;
  /** Names of the files that reading its weights can start at, best first: an index, then the only weight file. */
  readonly entryNames: readonly string[];
  /**
   * What its configuration says; everything in it that can't be followed goes into the reader's problems. Undefined when
   * it is that of something else than a LoRA adapter.
   */
  readSettings(reader: SettingsReader): AdapterSettings | undefined;
  /** What its tensors are for, by their names and shapes; all that make no sense go into `problems`. */
  readWeights(weights: Checkpoint, settings: AdapterSettings, problems: ProblemList): AdapterWeights;
}
