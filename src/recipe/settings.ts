import { type Findings, nothingFound } from "./findings.ts";
import { flags } from "./flags.ts";
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
  const findings = [device(reading), flagsOfOtherTools(reading)];
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
    },
    problems: findings.flatMap(({ problems }) => problems),
    notices: findings.flatMap(({ notices }) => notices),
  };
}

function device({ values }: FlagReading): Findings {
  const { device: name, tensor_type: arithmetic } = values;
  if (name === "cpu") return nothingFound;
  if (arithmetic === "np") {
    const notice = `device ${name} has no effect with tensor_type np: the CPU is used.`;
    return { problems: [], notices: [notice] };
  }
  const message = `${name} with tensor_type ${arithmetic} is not available yet; this version computes on the CPU`;
  const hint = "leave device out, or set it to cpu";
  return { problems: [{ code: "request/not-available", key: "device", message, hint }], notices: [] };
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
