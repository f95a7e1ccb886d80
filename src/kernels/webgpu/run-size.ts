import { bytesOf } from "../../dtype.ts";
import { BLOCK_ELEMENTS } from "../../formula/reductions.ts";
import type { Structure } from "../../formula/stage.ts";
import type { Layout } from "../backend.ts";
import { bufferOffsets } from "../buffers.ts";
import { bufferBytes } from "./device-memory.ts";
import { parametersOf } from "./parameters.ts";
import { partialWords } from "./print.ts";
import { SLICE_ELEMENTS } from "./workgroup.ts";

/** Bytes of each buffer that a run takes on the device. */
export interface RunBytes {
  readonly parameters: number;
  readonly inputs: number;
  readonly output: number;
  readonly trees: number;
  readonly tallies: number;
  readonly partials: number;
  /** Where the host reads what the run made: output, partials and tallies, one after the other. */
  readonly readback: number;
}

/** Words of all trees and of all tallies of a pass. */
export interface TableWords {
  readonly trees: number;
  readonly tallies: number;
}

export function runBytes(
  structure: Structure,
  layout: Layout,
  elements: number,
  tables: TableWords,
): RunBytes {
  const slices = Math.ceil(elements / SLICE_ELEMENTS);
  // The output lies behind the inputs, so they end where it begins.
  const inputs = bufferBytes(bufferOffsets(layout, elements).output);
  // Four elements are stored at once.
  const quads = Math.ceil(elements / 4) * 4;
  const made = {
    output: bufferBytes(structure.emit === undefined ? 0 : bytesOf(layout.output, quads)),
    partials: bufferBytes(slices * partialWords(structure).length * 4),
    tallies: bufferBytes(tables.tallies * 4),
  };
  return {
    parameters: bufferBytes(parametersOf(structure, layout.inputs.length).length * 4),
    inputs,
    trees: bufferBytes(tables.trees * 4),
    ...made,
    readback: made.output + made.partials + made.tallies,
  };
}

/**
 * How many elements, a multiple of a block, a pass can take in one run when it may hold `shareBytes` on the device; none
 * when not even a block fits.
 */
export function elementsPerRun(
  structure: Structure,
  layout: Layout,
  tables: TableWords,
  limits: GPUSupportedLimits,
  shareBytes: number,
): number {
  const fits = (blocks: number): boolean => {
    const bytes = runBytes(structure, layout, blocks * BLOCK_ELEMENTS, tables);
    const { readback, ...bound } = bytes;
    const total = Object.values(bytes).reduce((sum, one) => sum + one, 0);
    const largest = Math.max(...Object.values(bound));
    return (
      total <= shareBytes &&
      largest <= limits.maxStorageBufferBindingSize &&
      Math.max(largest, readback) <= limits.maxBufferSize
    );
  };
  let [enough, tooMany] = [0, MAX_RUN_BLOCKS + 1];
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2);
    if (fits(middle)) enough = middle;
    else tooMany = middle;
  }
  return enough * BLOCK_ELEMENTS;
}

/** Blocks whose elements a word can number. */
const MAX_RUN_BLOCKS = 2 ** 31 / BLOCK_ELEMENTS;
