import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { rankScratchBytes } from "../../src/kernels/row-ranks/layout.ts";
import { rowRanks } from "../../src/kernels/row-ranks/reference.ts";
import { createRowRanker } from "../../src/kernels/row-ranks/wasm.ts";

const precisions = { float32: Float32Array, float64: Float64Array } as const;

/** Bytes in front of the row and behind the scratch, which must stay as they are. */
const GUARD_BYTES = 64;

describe.each(["float32", "float64"] as const)("ranks in a row of %s", async (precision) => {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const rank = await createRowRanker(precision, memory);

  /** The ranks that WebAssembly finds; it may change neither what lies before the row nor what lies after its scratch. */
  function ranked(row: readonly number[]): readonly number[] {
    const bytes = new Uint8Array(memory.buffer).fill(0xa5);
    const numbers = new precisions[precision](memory.buffer, GUARD_BYTES, row.length);
    numbers.set(row);
    const scratch = GUARD_BYTES + numbers.byteLength;
    rank(GUARD_BYTES, row.length, scratch);
    const end = scratch + rankScratchBytes(precision, row.length);
    expect(bytes.subarray(0, GUARD_BYTES).every((byte) => byte === 0xa5)).toBe(true);
    expect(bytes.subarray(end, end + GUARD_BYTES).every((byte) => byte === 0xa5)).toBe(true);
    return [...numbers];
  }

  const rounded = (values: readonly number[]): readonly number[] => [...precisions[precision].from(values)];

  test("are from 0 to 1, by magnitude, and shared by equals", () => {
    expect(ranked([-3, 0, 1, 2])).toEqual(rounded([1, 0, 1 / 3, 2 / 3]));
    expect(ranked([2, -2, 1, 5, 2])).toEqual([0.5, 0.5, 0, 1, 0.5]);
    expect(ranked([0, -0])).toEqual([0.5, 0.5]);
  });

  test("of NaN are above infinity's", () => {
    expect(ranked([NaN, -Infinity, 1e30, Infinity, NaN])).toEqual([0.875, 0.375, 0, 0.375, 0.875]);
  });

  test("of a single element is 1", () => {
    for (const value of [0, -7, NaN]) expect(ranked([value])).toEqual([1]);
  });

  test("equal the reference's, whatever the row", () => {
    const value = fc.oneof(
      precision === "float32" ? fc.float() : fc.double(),
      fc.constantFrom(0, -0, 1, -1, 1.5, 2 ** -140, NaN, Infinity),
      fc.integer({ min: -300, max: 300 }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 600 }), (row) => {
        const numbers = rounded(row);
        expect(ranked(row)).toEqual(rounded(rowRanks(numbers, precision)));
      }),
    );
  });

  test("equal the reference's in a long row", () => {
    const row = Array.from({ length: 70_000 }, (_, index) => Math.sin(index ** 2) * (index % 11));
    expect(ranked(row)).toEqual(rounded(rowRanks(rounded(row), precision)));
  });
});
