/** The floating-point arithmetic that a merge of elements of some type runs in. */
export type Precision = "float32" | "float64";

/** How elements of a floating-point type become numbers and back; offsets in bytes, little-endian. */
export interface Arithmetic {
  readonly precision: Precision;
  /** The smallest magnitude that is stored as infinite. */
  readonly overflow: number;
  /** The element's exact value. */
  decode(view: DataView, offset: number): number;
  /**
   * Stores `value` rounded once, to nearest, halves to even; out of range becomes infinite. Every NaN is stored
   * as the same positive quiet NaN: which bits a processor puts into a new NaN differs between machines.
   */
  encode(view: DataView, offset: number, value: number): void;
}

interface DTypeRow {
  /** Bits of one element; a tensor's bits are always a whole number of bytes. */
  readonly bits: number;
  /** Absent for types that are carried as bytes and never merged. */
  readonly arithmetic?: Arithmetic;
  /** Other names people use for it, in flags and recipes; lower case. */
  readonly aliases?: readonly string[];
}

const float64: Arithmetic = {
  precision: "float64",
  overflow: Infinity,
  decode: (view, offset) => view.getFloat64(offset, true),
  encode: (view, offset, value) => view.setBigUint64(offset, float64Bits(value), true),
};

const float32: Arithmetic = {
  precision: "float32",
  overflow: 2 ** 127 * (2 - 2 ** -24),
  decode: (view, offset) => view.getFloat32(offset, true),
  encode: (view, offset, value) =>
    view.setUint32(offset, Number.isNaN(value) ? 0x7fc0_0000 : float32Bits(value), true),
};

const bfloat16: Arithmetic = {
  precision: "float32",
  overflow: 2 ** 127 * (2 - 2 ** -8),
  decode: (view, offset) => float32FromBits(view.getUint16(offset, true) << 16),
  encode: (view, offset, value) => view.setUint16(offset, bfloat16Bits(value), true),
};

const float16: Arithmetic = {
  precision: "float32",
  overflow: 65_520,
  decode: (view, offset) => float16Value(view.getUint16(offset, true)),
  encode: (view, offset, value) => view.setUint16(offset, float16Bits(value), true),
};

// In the order in which the safetensors library lays tensors out in a file: the reverse of its `enum Dtype`, which
// it keeps in increasing alignment. Source: safetensors/src/tensor.rs, `prepare` and `Dtype`.
const rows = {
  U64: { bits: 64 },
  I64: { bits: 64 },
  F64: { bits: 64, arithmetic: float64, aliases: ["float64", "double", "fp64"] },
  C64: { bits: 64 },
  F32: { bits: 32, arithmetic: float32, aliases: ["float32", "float", "fp32"] },
  U32: { bits: 32 },
  I32: { bits: 32 },
  BF16: { bits: 16, arithmetic: bfloat16, aliases: ["bfloat16"] },
  F16: { bits: 16, arithmetic: float16, aliases: ["float16", "half", "fp16"] },
  U16: { bits: 16 },
  I16: { bits: 16 },
  F8_E5M2FNUZ: { bits: 8 },
  F8_E4M3FNUZ: { bits: 8 },
  F8_E8M0: { bits: 8 },
  F8_E4M3: { bits: 8 },
  F8_E5M2: { bits: 8 },
  I8: { bits: 8 },
  U8: { bits: 8 },
  F6_E3M2: { bits: 6 },
  F6_E2M3: { bits: 6 },
  F4: { bits: 4 },
  BOOL: { bits: 8 },
} satisfies Record<string, DTypeRow>;

/** An element type by its name in safetensors headers. */
export type DType = keyof typeof rows;

const table: ReadonlyMap<string, DTypeRow> = new Map<string, DTypeRow>(Object.entries(rows));

/** The names of all element types, as safetensors headers spell them, in the order of tensors in a file. */
export const dtypes: readonly DType[] = Object.keys(rows) as DType[];

export function isDType(name: string): name is DType {
  return table.has(name);
}

/** Bits of one element. */
export function bitsOf(dtype: DType): number {
  return rows[dtype].bits;
}

/** Bytes that `elements` elements take; a whole number for every run that starts and ends between bytes. */
export function bytesOf(dtype: DType, elements: number): number {
  return (elements * bitsOf(dtype)) / 8;
}

/** How `dtype` is computed with, or undefined when it is only carried as bytes (integers, booleans, 8 bits). */
export function arithmeticOf(dtype: DType): Arithmetic | undefined {
  return table.get(dtype)?.arithmetic;
}

/** The type a person means by `name`: `BF16`, `bfloat16`, `fp16`, `float` …; undefined when it is none. */
export function dtypeFromAlias(name: string): DType | undefined {
  return dtypes.find(
    (dtype) => dtype === name.toUpperCase() || table.get(dtype)?.aliases?.includes(name.toLowerCase()),
  );
}

/** Whether elements of this type are merged; those of other types are carried as bytes. */
export function isMergeable(dtype: DType): boolean {
  return arithmeticOf(dtype) !== undefined;
}

/**
 * The arithmetic for elements of these types: float64 when one of them is, float32 otherwise; as NumPy promotes, and so
 * that nothing is lost on the way to a float64 output.
 */
export function precisionFor(dtypes: readonly DType[]): Precision {
  const isDouble = (dtype: DType): boolean => arithmeticOf(dtype)?.precision === "float64";
  return dtypes.some(isDouble) ? "float64" : "float32";
}

/** Types that a merge can compute with and write. */
export const floatTypes: readonly DType[] = dtypes.filter(isMergeable);

// One number's bits seen as several types; the only way to them before Float16Array, on every engine alike.
const scratch = new DataView(new ArrayBuffer(8));

function float64Bits(value: number): bigint {
  if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n;
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

function float32Bits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function float32FromBits(bits: number): number {
  scratch.setUint32(0, bits >>> 0);
  return scratch.getFloat32(0);
}

/**
 * Bits of `value` in float32 rounded to odd: cut off towards zero, the last bit set when anything was lost.
 * Rounding that to a type with at least two bits fewer gives what rounding `value` itself once would give.
 * Source: Boldo and Melquiond, "When double rounding is odd", 2005.
 */
function float32BitsRoundedToOdd(value: number): number {
  const bits = float32Bits(value);
  const nearest = float32FromBits(bits);
  if (nearest === value) return bits;
  const cutOff = Math.abs(nearest) > Math.abs(value) ? bits - 1 : bits;
  return (cutOff | 1) >>> 0;
}

function bfloat16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = float32BitsRoundedToOdd(value);
  // Half of the last place kept, less one when that place is even: ties go to even.
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // 65520 is half-way between the largest float16, 65504, and the next power of two, which would be infinite.
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below 2^-14 all float16 are multiples of 2^-24; above, the spacing is 2^-10 of the leading power of two.
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const steps = roundHalfToEven(magnitude * 2 ** (10 - exponent));
  return sign | (((exponent + 14) << 10) + steps);
}

/** Exact for 0 <= value < 2^52, as every product with a power of two above is. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
