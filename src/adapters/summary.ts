import type { Adapter } from "./adapter.ts";
import type { AdapterSettings } from "./settings.ts";

/** An adapter in a few facts, for a person to read. */
export interface AdapterSummary extends Omit<AdapterSettings, "rankPattern" | "alphaPattern"> {
  /** Name of the library that wrote it. */
  readonly library: string;
  /** Number of patterns by which some modules have another rank or alpha. */
  readonly patterns: number;
  /** Number of tensors of its base that are updated, and that are replaced. */
  readonly updated: number;
  readonly replaced: number;
}

export function summaryOf(adapter: Adapter): AdapterSummary {
  const { library, rank, alpha, rsLora, dora, loraBias, fanInFanOut, targets, modulesToSave, bias } = adapter;
  return {
    library,
    rank,
    alpha,
    rsLora,
    dora,
    loraBias,
    fanInFanOut,
    ...(adapter.baseModel !== undefined && { baseModel: adapter.baseModel }),
    targets,
    modulesToSave,
    bias,
    patterns: adapter.rankPattern.length + adapter.alphaPattern.length,
    updated: adapter.weights.changes.length,
    replaced: adapter.weights.replacements.size,
  };
}
