import { createHash } from "node:crypto";

import { expect } from "vitest";

import { arithmeticOf, bitsOf, type DType } from "../../src/dtype.ts";
import { Evaluation, type StageArguments, resultsOf } from "../../src/execute/evaluation.ts";
import type { Tensor } from "../../src/formula/builder.ts";
import { lower } from "../../src/formula/lower.ts";
import type { RandomKey } from "../../src/formula/random.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import type { Stage } from "../../src/formula/stage.ts";
import { type Backend, type Layout, type Partials, precisionOf } from "../../src/kernels/backend.ts";
import { randomBytes } from "./random-bytes.ts";

/** What running a formula gave. */
export interface Outcome {
  readonly output: Uint8Array;
  /** The arguments and results of each stage. */
  readonly stages: readonly (readonly [StageArguments, Partials])[];
}

const keys: readonly RandomKey[] = [
  [0x1234_5678, 0xdead_beef],
  [7, 0xffff_ffff],
];

/** Position of the first element; so far into the tensor that its counter needs both words. */
const FIRST_ELEMENT = BLOCK_ELEMENTS * (2 ** 18 - 1);

/** Puts inputs through all passes of a formula. */
export async function run(
  backend: Backend,
  formula: Tensor,
  layout: Layout,
  inputs: readonly Uint8Array[],
  elements: number,
  isLarge: boolean,
): Promise<Outcome> {
  const passes = lower({ output: formula, observations: [] }, { precision: precisionOf(layout), isLarge });
  const evaluation = new Evaluation(passes);
  const buffers = backend.buffersFor(layout, elements);
  buffers.inputs.forEach((buffer, index) => buffer.set(inputs[index]!.subarray(0, buffer.length)));
  const stages: [StageArguments, Partials][] = [];
  for (const stage of passes.stages) {
    const args = evaluation.argumentsOf(stage);
    const kernel = await backend.compile(stage.structure, layout);
    const position = { elements, firstElement: FIRST_ELEMENT };
    const partials = await kernel.run({ ...position, ...args, keys: keysOf(stage) });
    // What is counted is good until the next run only, and so are the trees.
    const kept = { ...partials, tallies: partials.tallies.map((counts) => counts.slice()) };
    const trees = args.trees.map(({ cells, deepest }) => ({ cells: cells.slice(), deepest }));
    evaluation.absorb(stage, resultsOf(kept));
    stages.push([{ ...args, trees }, kept]);
  }
  return { output: backend.buffersFor(layout, elements).output.slice(), stages };
}

function keysOf({ streams }: Stage): readonly RandomKey[] {
  return streams.map((stream) => keys[stream]!);
}

/** Bytes of every pattern for each input of a layout, with the values that rounding is hard on among them. */
export function inputsFor(layout: Layout, elements: number, seed: number): readonly Uint8Array[] {
  return layout.inputs.map((dtype, index) => {
    const bytes = randomBytes((elements * bitsOf(dtype)) / 8, seed + index);
    plantSpecials(bytes, dtype);
    return bytes;
  });
}

/** Zeros, infinities, the smallest and largest of a type, and halves between two values of the 16-bit types. */
const specials = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  1,
  -1,
  5e-324,
  1.4e-45,
  2 ** -24,
  2 ** -25,
  2 ** -14,
  65504,
  65519,
  65520,
];
const halves = [
  1 + 2 ** -8,
  1 + 3 * 2 ** -8,
  1 + 2 ** -11,
  1 + 2 ** -8 + 2 ** -40,
  1 + 2 ** -11 + 2 ** -40,
  3.4e38,
];

function plantSpecials(bytes: Uint8Array, dtype: DType): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bitsOf(dtype) / 8;
  [...specials, ...halves].forEach((value, index) => {
    const at = index * 3 * width;
    if (at + width <= bytes.length) arithmeticOf(dtype)!.encode(view, at, value);
  });
}

/** What a stage was given and made; trees and counts, which are long, as a hash. */
export function summary([{ scalars, trees }, { reductions, tallies }]: Outcome["stages"][number]): unknown {
  const hash = (array: Int32Array | Uint32Array): string => createHash("sha256").update(array).digest("hex");
  return { scalars, reductions, trees: trees.map(({ cells }) => hash(cells)), tallies: tallies.map(hash) };
}

export function expectSameBytes(actual: Uint8Array, expected: Uint8Array, layout: Layout): void {
  if (Buffer.from(actual).equals(Buffer.from(expected))) return;
  const width = bitsOf(layout.output) / 8;
  const at = Math.floor(actual.findIndex((byte, index) => byte !== expected[index]) / width);
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(at * width, (at + 1) * width)).toString("hex");
  expect.fail(
    `element ${at} of ${layout.inputs.join("+")} -> ${layout.output}: ${hex(actual)}, not ${hex(expected)}`,
  );
}
