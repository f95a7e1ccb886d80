import type { DType } from "../../dtype.ts";

/** How elements of one type travel between words of memory and the bits of float32, as WGSL. */
export interface Codec {
  /** Words of memory that four elements take. */
  readonly words: number;
  /**
   * Two functions: the float32 of quad number `quad` of the input that begins at word `at`, as `load…(at, quad)`, and
   * `store…(quad, values)`, which rounds them once and makes every NaN the same.
   */
  readonly text: string;
}

const F32: Codec = {
  words: 4,
  text: /* wgsl */ `
fn loadF32(at: u32, quad: u32) -> vec4<u32> {
  let word = at + quad * 4u;
  return vec4<u32>(inputs[word], inputs[word + 1u], inputs[word + 2u], inputs[word + 3u]);
}
fn storeF32(quad: u32, values: vec4<u32>) {
  for (var i = 0u; i < 4u; i++) {
    output[quad * 4u + i] = select(values[i], NOT_A_NUMBER, isNaN(values[i]));
  }
}`,
};

const BF16: Codec = {
  words: 2,
  text: /* wgsl */ `
fn loadBF16(at: u32, quad: u32) -> vec4<u32> {
  let first = inputs[at + quad * 2u];
  let second = inputs[at + quad * 2u + 1u];
  return vec4<u32>(first << 16u, first & 0xffff0000u, second << 16u, second & 0xffff0000u);
}
fn asBF16(x: u32) -> u32 {
  if (isNaN(x)) { return 0x7fc0u; }
  return (x + 0x7fffu + ((x >> 16u) & 1u)) >> 16u;
}
fn storeBF16(quad: u32, values: vec4<u32>) {
  output[quad * 2u] = asBF16(values.x) | (asBF16(values.y) << 16u);
  output[quad * 2u + 1u] = asBF16(values.z) | (asBF16(values.w) << 16u);
}`,
};

const F16: Codec = {
  words: 2,
  text: /* wgsl */ `
fn ofF16(half: u32) -> u32 {
  let sign = (half & 0x8000u) << 16u;
  let bits = half & 0x7fffu;
  // The largest exponent means infinity or NaN there and here; subnormals are multiples of 2^-24.
  if (bits >= 0x7c00u) { return sign | INFINITE | (bits << 13u); }
  if (bits < 0x400u) { return sign | bitcast<u32>(f32(bits) * 0x1p-24f); }
  return sign | ((bits << 13u) + (112u << 23u));
}
fn loadF16(at: u32, quad: u32) -> vec4<u32> {
  let first = inputs[at + quad * 2u];
  let second = inputs[at + quad * 2u + 1u];
  return vec4<u32>(ofF16(first & 0xffffu), ofF16(first >> 16u), ofF16(second & 0xffffu), ofF16(second >> 16u));
}
fn asF16(x: u32) -> u32 {
  let bits = magnitude(x);
  if (isNaN(x)) { return 0x7e00u; }
  let sign = (x >> 16u) & 0x8000u;
  // 65520, half-way from the largest float16 to the next power of two, rounds to infinity.
  if (bits >= 0x477ff000u) { return sign | 0x7c00u; }
  if (bits >= 0x38800000u) { return sign | ((bits - (112u << 23u) + 0xfffu + ((bits >> 13u) & 1u)) >> 13u); }
  // Below 2^-14 all float16 are multiples of 2^-24; below 2^-25 only zero is near.
  let exponent = bits >> 23u;
  if (exponent < 102u) { return sign; }
  let places = 126u - exponent;
  let significand = (bits & 0x7fffffu) | 0x800000u;
  let steps = significand >> places;
  let rest = significand & ((1u << places) - 1u);
  let half = 1u << (places - 1u);
  return sign | (steps + u32(rest > half || (rest == half && (steps & 1u) == 1u)));
}
fn storeF16(quad: u32, values: vec4<u32>) {
  output[quad * 2u] = asF16(values.x) | (asF16(values.y) << 16u);
  output[quad * 2u + 1u] = asF16(values.z) | (asF16(values.w) << 16u);
}`,
};

/** The codecs of all types that a device computes with. There is no float64 in WGSL. */
export const codecs: Readonly<Partial<Record<DType, Codec>>> = { F32, BF16, F16 };
