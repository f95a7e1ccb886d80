import type { Findings } from "./findings.ts";
import type { FlagReading } from "./read-flags.ts";
import type { Settings } from "./recipe.ts";

/** What the flags say about a GPU: nothing unless one is asked for. */
export function gpuOf(reading: FlagReading): Pick<Settings, "gpu"> {
  if (!usesGpu(reading)) return {};
  const { device, gpu_memory: memoryBytes, fallback } = reading.values;
  return { gpu: { ...(device === "low_gpu_mem" && { memoryBytes }), fallback } };
}

/** Tells of flags about a GPU that change nothing. */
export function unusedGpuFlags(reading: FlagReading): Findings {
  const { device, tensor_type: arithmetic, fallback } = reading.values;
  const notices: string[] = [];
  if (device !== "cpu" && !usesGpu(reading)) {
    notices.push(`device ${device} has no effect with tensor_type ${arithmetic}: the CPU is used.`);
  }
  if (reading.given.has("gpu_memory") && device !== "low_gpu_mem") {
    notices.push(`gpu_memory has no effect with device ${device}: it bounds low_gpu_mem.`);
  }
  if (fallback && !usesGpu(reading)) notices.push("fallback has no effect: the CPU is used anyway.");
  return { problems: [], notices };
}

/** Whether a GPU is to do the arithmetic. */
export function usesGpu({ values }: FlagReading): boolean {
  return values.device !== "cpu" && values.tensor_type === "pd";
}
