import { describe, expect, test } from "vitest";

import { arithmeticOf, bytesOf, type DType, floatTypes } from "../../src/dtype.ts";
import { decodeFloats } from "../../src/kernels/low-rank/decode.ts";
import { randomBytes } from "../support/random-bytes.ts";

/** What the type's own arithmetic makes of the elements, rounded to float32. */
function defined(dtype: DType, bytes: Uint8Array, elements: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bytesOf(dtype, 1);
  return Array.from({ length: elements }, (_, index) =>
    Math.fround(arithmeticOf(dtype)!.decode(view, index * width)),
  );
}

function decoded(dtype: DType, bytes: Uint8Array, elements: number): number[] {
  const around = new Float32Array(elements + 2).fill(7.5);
  decodeFloats(dtype, bytes, around.subarray(1, elements + 1));
  expect([around[0], around[elements + 1]]).toEqual([7.5, 7.5]);
  return [...around.subarray(1, elements + 1)];
}

test.each(["BF16", "F16"] as const)("all 65,536 patterns of %s decode to what it defines", (dtype) => {
  const bytes = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern).buffer);
  const [found, wanted] = [decoded(dtype, bytes, 65_536), defined(dtype, bytes, 65_536)];
  expect(found.findIndex((number, index) => !Object.is(number, wanted[index]))).toBe(-1);
});

describe.each(floatTypes)("%s", (dtype) => {
  test("decodes to what it defines, wherever the bytes begin", () => {
    const elements = 1000;
    const length = bytesOf(dtype, elements);
    const random = randomBytes(length + 8, 21);
    for (let offset = 0; offset <= 8; offset++) {
      const bytes = random.subarray(offset, offset + length);
      expect(decoded(dtype, bytes, elements)).toEqual(defined(dtype, bytes, elements));
    }
  });

  test("decodes no elements", () => {
    expect(decoded(dtype, new Uint8Array(0), 0)).toEqual([]);
  });

  test("refuses bytes that are not as many elements as there is room for", () => {
    const bytes = new Uint8Array(bytesOf(dtype, 3));
    expect(() => decodeFloats(dtype, bytes, new Float32Array(2))).toThrow(/room for 2/);
    expect(() => decodeFloats(dtype, bytes.subarray(1), new Float32Array(3))).toThrow(/room for 3/);
  });
});

test("float64 is rounded once, ties to even, and out of range to infinity", () => {
  const numbers = [
    1 + 2 ** -24,
    1 + 3 * 2 ** -24,
    1 + 2 ** -24 + 2 ** -52,
    2 ** -149,
    2 ** -150,
    1e39,
    -1e39,
    -0,
  ];
  const bytes = new Uint8Array(Float64Array.from(numbers).buffer);
  expect(decoded("F64", bytes, numbers.length)).toEqual([
    1,
    1 + 2 ** -22,
    1 + 2 ** -23,
    2 ** -149,
    0,
    Infinity,
    -Infinity,
    -0,
  ]);
});

test("types that are not computed with are refused", () => {
  expect(() => decodeFloats("I32", new Uint8Array(4), new Float32Array(1))).toThrow(/I32/);
});
