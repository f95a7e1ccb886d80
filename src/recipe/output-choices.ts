import type { Findings } from "./findings.ts";
import { usesGpu } from "./gpu.ts";
import { chooseModelCard } from "./model-card-choice.ts";
import type { FlagReading } from "./read-flags.ts";
import type { Recipe } from "./recipe.ts";

/** What of a recipe is no matter of what is merged: flags say it, whatever form the rest comes in. */
export type OutputChoices = Pick<
  Recipe,
  "prefix" | "maxShardBytes" | "companions" | "modelCard" | "seed" | "device"
>;

export interface OutputChoicesReading extends Findings {
  readonly value: OutputChoices;
}

/** The choices that flags make. */
export function outputChoices(reading: FlagReading): OutputChoicesReading {
  const { values } = reading;
  const { modelCard, ...findings } = chooseModelCard(reading);
  const value = {
    prefix: values.merge_prefix,
    maxShardBytes: values.max_shard_size,
    ...(values.copy_file_list !== undefined && { companions: values.copy_file_list }),
    modelCard,
    seed: values.seed,
    ...(usesGpu(reading) && { device: "gpu" as const }),
  };
  return { value, ...findings };
}
