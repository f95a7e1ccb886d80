import type { Findings } from "./findings.ts";
import { flags } from "./flags.ts";
import { gpuOf, unusedGpuFlags } from "./gpu.ts";
import type { FlagReading } from "./read-flags.ts";
import type { Settings } from "./recipe.ts";

/** What the meaning of flags on the work depends on besides their text. */
export interface SettingsContext {
  /** Worker threads that `n_process auto` stands for. */
  readonly cores: number;
}

/** How flags say that a recipe is to be carried out. */
export interface SettingsReading extends Findings {
  readonly value: Settings;
}

/** The settings that flags make, and what there is to say about those that have no effect. @param outputPath absolute. */
export function readSettings(
  reading: FlagReading,
  outputPath: string,
  { cores }: SettingsContext,
): SettingsReading {
  const { n_process: workers, max_memory: memoryBytes } = reading.values;
  const findings = [unusedGpuFlags(reading), flagsOfOtherTools(reading)];
  return {
    value: {
      outputPath,
      workers: workers === "auto" ? cores : workers,
      memoryBytes,
      allowNonFinite: reading.values.allow_non_finite,
      writeReport: reading.values.report,
      resume: reading.values.resume,
      overwrite: reading.values.overwrite,
      strict: reading.values.strict,
      ...gpuOf(reading),
    },
    problems: findings.flatMap(({ problems }) => problems),
    notices: findings.flatMap(({ notices }) => notices),
  };
}

/** Says of what earlier tools did that it changes nothing. */
function flagsOfOtherTools({ given }: FlagReading): Findings {
  const notices = [...flags]
    .filter(([name]) => given.has(name))
    .flatMap(([name, { noEffect }]) =>
      noEffect === undefined ? [] : [`${name} has no effect: ${noEffect}.`],
    );
  return { problems: [], notices };
}
