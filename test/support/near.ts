import { expect } from "vitest";

import { arithmeticOf, bitsOf, type DType } from "../../src/dtype.ts";
import type { Layout } from "../../src/kernels/backend.ts";
import type { Outcome } from "./kernel-runs.ts";

/** How far a sum may be from the reference's, relative to it: both round in other places. */
const SUM_TOLERANCE = 1e-13;

/** Sums but for their last places; whatever is counted the same; outputs to one unit in the last place. */
export function expectNearlySame(actual: Outcome, expected: Outcome, layout: Layout): void {
  expected.stages.forEach(([, { reductions, tallies }], stage) => {
    const [, found] = actual.stages[stage]!;
    expect(found.tallies.length).toBe(tallies.length);
    tallies.forEach((counts, index) => expectSameCounts(found.tallies[index]!, counts));
    reductions.forEach((blocks, index) =>
      blocks.forEach((partial, block) => expectNear(found.reductions[index]![block]!, partial)),
    );
  });
  expectWithinUnit(actual.output, expected.output, layout.output);
}

/** A tree's root alone has half a million counts: they are compared as bytes. */
function expectSameCounts(found: Uint32Array, wanted: Uint32Array): void {
  if (Buffer.compare(bytesOf(found), bytesOf(wanted)) !== 0) expect([...found]).toEqual([...wanted]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function expectNear(found: number, wanted: number): void {
  if (Object.is(found, wanted) || Math.abs(found - wanted) <= SUM_TOLERANCE * Math.abs(wanted)) return;
  expect.fail(`${found}, not ${wanted} or close to it`);
}

/** Checks that no element is more than one unit in the last place off, and every NaN where it should be. */
export function expectWithinUnit(actual: Uint8Array, expected: Uint8Array, dtype: DType): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const width = bitsOf(dtype) / 8;
  const view = (bytes: Uint8Array): DataView =>
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const arithmetic = arithmeticOf(dtype)!;
  expect(actual.length).toBe(expected.length);
  for (let at = 0; at < actual.length; at += width) {
    const [found, wanted] = [arithmetic.decode(view(actual), at), arithmetic.decode(view(expected), at)];
    if (Object.is(found, wanted)) continue;
    const units = Math.abs(ordinal(view(actual), at, width) - ordinal(view(expected), at, width));
    if (Number.isNaN(found) || Number.isNaN(wanted) || units > 1)
      expect.fail(`element ${at / width} of ${dtype}: ${found}, not ${wanted}, ${units} units away`);
  }
}

/** The place of an element among all of its type, in their order. */
function ordinal(view: DataView, at: number, width: number): number {
  const bits =
    width === 2
      ? view.getUint16(at, true)
      : width === 4
        ? view.getUint32(at, true)
        : Number(view.getBigUint64(at, true));
  const sign = 2 ** (8 * width - 1);
  return bits >= sign ? sign - bits : bits;
}
