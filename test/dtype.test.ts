import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arithmeticOf, bitsOf, dtypeFromAlias, dtypes, floatTypes, isDType } from "../src/dtype.ts";
import type { DType } from "../src/dtype.ts";

const view = new DataView(new ArrayBuffer(8));

function decode(dtype: DType, bits: number): number {
  view.setUint16(0, bits, true);
  return arithmeticOf(dtype)!.decode(view, 0);
}

function encode(dtype: DType, value: number): number {
  arithmeticOf(dtype)!.encode(view, 0, value);
  return view.getUint16(0, true);
}

/** The types of 16 bits, and what defines them. */
const halves = [
  { dtype: "F16", fractionBits: 10, bias: 15, infinity: 0x7c00, nan: 0x7e00 },
  { dtype: "BF16", fractionBits: 7, bias: 127, infinity: 0x7f80, nan: 0x7fc0 },
] as const;

type Half = (typeof halves)[number];

const codes = Array.from({ length: 0x10000 }, (_, bits) => bits);

describe.each(halves)("$dtype", (half) => {
  const { dtype, infinity, nan } = half;

  test("all 65,536 codes decode to the value that the definition gives", () => {
    const wrong = codes.filter((bits) => !Object.is(decode(dtype, bits), definedValue(half, bits)));
    expect(wrong).toEqual([]);
  });

  test("all 65,536 codes survive decoding and encoding; every NaN becomes the one positive quiet NaN", () => {
    const kept = (bits: number): number => ((bits & 0x7fff) > infinity ? nan : bits);
    expect(codes.filter((bits) => encode(dtype, decode(dtype, bits)) !== kept(bits))).toEqual([]);
  });

  test("half-way values round to even, and the numbers next to them to their side", () => {
    const wrong = codes.slice(0, infinity).filter((bits) => {
      const middle = (finiteValue(half, bits) + finiteValue(half, bits + 1)) / 2;
      const even = bits + (bits & 1);
      // The neighbours in float64 differ from the middle by so little that float32 cannot tell them apart.
      const values = [middle, -middle, nextUp(middle), nextDown(middle)];
      const expected = [even, even | 0x8000, bits + 1, bits];
      return values.some((value, index) => encode(dtype, value) !== expected[index]);
    });
    expect(wrong).toEqual([]);
  });

  test("every number is rounded once, to nearest, as exact arithmetic says", () => {
    fc.assert(
      fc.property(anyNumber(), (value) => {
        expect(encode(dtype, value)).toBe(nearestCode(half, value));
      }),
      { numRuns: 20_000 },
    );
  });

  test("beyond the largest number comes infinity, below the smallest comes zero of the same sign", () => {
    const step = finiteValue(half, infinity) - definedValue(half, infinity - 1);
    const limit = definedValue(half, infinity - 1) + step / 2;
    expect(encode(dtype, nextDown(limit))).toBe(infinity - 1);
    for (const value of [limit, 1e300, Number.MAX_VALUE, Infinity]) {
      expect(encode(dtype, value)).toBe(infinity);
      expect(encode(dtype, -value)).toBe(infinity | 0x8000);
    }
    for (const value of [0, Number.MIN_VALUE, 1e-300, definedValue(half, 1) / 2]) {
      expect(encode(dtype, value)).toBe(0);
      expect(encode(dtype, -value)).toBe(0x8000);
    }
  });
});

test("rounding by way of float32 would be wrong, and is not done", () => {
  // Just above the middle of 1 and 1 + 2^-7: float32 drops what makes it more than the middle.
  expect(encode("BF16", 1 + 2 ** -8 + 2 ** -40)).toBe(0x3f81);
  expect(encode("BF16", Math.fround(1 + 2 ** -8 + 2 ** -40))).toBe(0x3f80);
  expect(encode("F16", 1 + 2 ** -11 + 2 ** -40)).toBe(0x3c01);
  expect(encode("F16", Math.fround(1 + 2 ** -11 + 2 ** -40))).toBe(0x3c00);
});

test("F32 and F64 keep every number; every NaN becomes the one positive quiet NaN", () => {
  const payload = new DataView(new ArrayBuffer(8));
  payload.setBigUint64(0, 0xfff8_0000_dead_beefn);
  const strange = payload.getFloat64(0);
  arithmeticOf("F32")!.encode(view, 0, strange);
  expect(view.getUint32(0, true)).toBe(0x7fc0_0000);
  arithmeticOf("F64")!.encode(view, 0, strange);
  expect(view.getBigUint64(0, true)).toBe(0x7ff8_0000_0000_0000n);
  fc.assert(
    fc.property(fc.double(), (value) => {
      arithmeticOf("F64")!.encode(view, 0, value);
      expect(arithmeticOf("F64")!.decode(view, 0)).toBe(value);
      arithmeticOf("F32")!.encode(view, 0, value);
      expect(arithmeticOf("F32")!.decode(view, 0)).toBe(Math.fround(value));
    }),
  );
});

test("floating-point types are merged, all others only carried", () => {
  expect(floatTypes.toSorted()).toEqual(["BF16", "F16", "F32", "F64"]);
  for (const dtype of dtypes) expect(arithmeticOf(dtype) !== undefined).toBe(floatTypes.includes(dtype));
  expect(floatTypes.map((dtype) => arithmeticOf(dtype)!.precision)).toEqual(
    floatTypes.map((dtype) => (bitsOf(dtype) === 64 ? "float64" : "float32")),
  );
});

test("types have their name and the names people use", () => {
  expect(
    ["bf16", "BFLOAT16", "fp16", "Half", "float32", "float", "double", "f8_e4m3"].map(dtypeFromAlias),
  ).toEqual(["BF16", "BF16", "F16", "F16", "F32", "F32", "F64", "F8_E4M3"]);
  expect(["", "float8", "constructor", "__proto__"].map(dtypeFromAlias)).toEqual(Array(4).fill(undefined));
  expect(["constructor", "__proto__", "toString", "f32"].filter(isDType)).toEqual([]);
});

/** What the bits mean: sign, exponent and fraction, by the definition of IEEE 754. */
function definedValue(half: Half, bits: number): number {
  const magnitude = bits & 0x7fff;
  if (magnitude > half.infinity) return NaN;
  const sign = bits & 0x8000 ? -1 : 1;
  return sign * (magnitude === half.infinity ? Infinity : finiteValue(half, magnitude));
}

/** The same for positive codes, continued beyond the largest number as if the exponent had no end. */
function finiteValue({ fractionBits, bias }: Half, bits: number): number {
  const exponent = bits >> fractionBits;
  const fraction = (bits & ((1 << fractionBits) - 1)) / 2 ** fractionBits;
  return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
}

/** The code whose value is nearest, by comparing exact distances to the two candidates; ties to the even code. */
function nearestCode(half: Half, value: number): number {
  if (Number.isNaN(value)) return half.nan;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let [low, high]: [number, number] = [0, half.infinity];
  if (magnitude >= finiteValue(half, high)) return sign | high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (finiteValue(half, middle) <= magnitude) low = middle;
    else high = middle;
  }
  const below = exact(magnitude) - exact(finiteValue(half, low));
  const above = exact(finiteValue(half, high)) - exact(magnitude);
  if (below === above) return sign | (low % 2 === 0 ? low : high);
  return sign | (below < above ? low : high);
}

/** A finite, non-negative number in units of 2^-1074, of which every float64 is a whole number. */
function exact(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = bits >> 52n;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
}

/** Any float64, and those of the size of 16-bit numbers more often than chance would have them. */
function anyNumber(): fc.Arbitrary<number> {
  const scaled = fc
    .tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.integer({ min: -140, max: 130 }))
    .map(([fraction, exponent]) => fraction * 2 ** exponent);
  return fc.oneof(fc.double(), fc.float(), scaled);
}

function nextUp(value: number): number {
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + 1n);
  return view.getFloat64(0);
}

function nextDown(value: number): number {
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) - 1n);
  return view.getFloat64(0);
}
