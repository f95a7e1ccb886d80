import { precisionFor } from "../dtype.ts";
import { inputsOf } from "../methods/operands.ts";
import type { Plan, TensorTask } from "../plan/plan.ts";

/** What of a merge on a GPU is left to the CPU, as far as the plan tells. */
export function gpuNotices({ tasks }: Plan): readonly string[] {
  const merged = tasks.filter(({ combination }) => combination !== undefined);
  const doubles = merged.filter(needsFloat64).length;
  const updated = merged.filter(({ operands }) => operands.some(({ update }) => update !== undefined)).length;
  const of = `of ${tasks.length} tensors`;
  return [
    ...(doubles > 0 ? [`${doubles} ${of} were computed on the CPU: GPUs have no F64.`] : []),
    ...(updated > 0 ? [`The products of adapters, for ${updated} ${of}, were computed on the CPU.`] : []),
  ];
}

function needsFloat64({ operands, target }: TensorTask): boolean {
  return precisionFor([...inputsOf(operands), target].map(({ dtype }) => dtype)) === "float64";
}
