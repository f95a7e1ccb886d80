import type { DType } from "../../dtype.ts";
import type { Instruction, Structure } from "../../formula/stage.ts";
import { type Layout, precisionOf } from "../backend.ts";

/**
 * A structure and its layout as they are compiled to be run over rows. Rows that are made before are further inputs:
 * random numbers of each stream, then ranks.
 */
export function rowStructure(
  structure: Structure,
  layout: Layout,
): { readonly structure: Structure; readonly layout: Layout } {
  const { streams, ranks } = structure;
  const stored = layout.inputs.length;
  const asInput = (instruction: Instruction): Instruction => {
    if (instruction.kind === "random") return { kind: "input", index: stored + instruction.slot };
    if (instruction.kind === "rowRank") return { kind: "input", index: stored + streams + instruction.slot };
    return instruction;
  };
  const repeated = (dtype: DType, times: number): readonly DType[] => Array(times).fill(dtype) as DType[];
  return {
    structure: { ...structure, instructions: structure.instructions.map(asInput), streams: 0, ranks: 0 },
    layout: {
      inputs: [...layout.inputs, ...repeated("F32", streams), ...repeated(rankDType(layout), ranks)],
      output: layout.output,
    },
  };
}

/** The same for a structure whose output is to be ranked, which takes all its bits. */
export function rankedStructure(structure: Structure, layout: Layout): ReturnType<typeof rowStructure> {
  return rowStructure(structure, { ...layout, output: rankDType(layout) });
}

/** The type of ranks, and of what is ranked. */
export function rankDType(layout: Layout): DType {
  return precisionOf(layout) === "float32" ? "F32" : "F64";
}
