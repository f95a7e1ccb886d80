/**
 * Float32 arithmetic in WGSL on words that hold its bits: `add`, `sub`, `mul`, `div`, `root`, and comparisons, with the
 * results that IEEE 754 and so the CPU has, but for sums, differences and products that are subnormal or made of
 * subnormals, which a device may take for zero.
 *
 * WGSL promises correct rounding of sums and products only, and lets a shader fuse and reorder operations and assume that
 * there is no NaN. So each sum and product is combined with a zero that the compiler can't know of, and can be neither
 * fused with the next nor reordered; all else, comparisons, quotients and roots, is done with integers. Sums could be as
 * well; but drivers copy a function to every place it is called from, and then take minutes to compile a formula.
 * Source: https://www.w3.org/TR/WGSL/#floating-point-evaluation
 */
export const FLOAT32 = /* wgsl */ `
const SIGN = 0x80000000u;
const INFINITE = 0x7f800000u;
const NOT_A_NUMBER = 0x7fc00000u;

fn magnitude(x: u32) -> u32 { return x & 0x7fffffffu; }
fn isNaN(x: u32) -> bool { return magnitude(x) > INFINITE; }
/// The float32 nearest to significand * 2^(exponent - 157), whose leading one is bit 30 and last bit stands for all below.
fn rounded(sign: u32, exponent: i32, significand: u32) -> u32 {
  if (exponent >= 255) { return sign | INFINITE; }
  var bits = significand;
  var base = 0u;
  if (exponent > 0) {
    base = u32(exponent - 1) << 23u;
  } else {
    bits = shiftedRight(significand, u32(1 - exponent));
  }
  // Half of the last place kept, less one when that place is even: ties go to even.
  return sign | (base + ((bits + 0x3fu + ((bits >> 7u) & 1u)) >> 7u));
}

/// Shifted right, with the last bit set when a one was lost.
fn shiftedRight(bits: u32, places: u32) -> u32 {
  if (places == 0u) { return bits; }
  if (places > 31u) { return u32(bits != 0u); }
  return (bits >> places) | u32((bits << (32u - places)) != 0u);
}

struct Parts { exponent: i32, significand: u32 }

/// Exponent and the 24 bits of the significand; those of a subnormal are moved up.
fn partsOf(x: u32) -> Parts {
  let exponent = i32((x >> 23u) & 0xffu);
  let fraction = x & 0x7fffffu;
  if (exponent > 0) { return Parts(exponent, fraction | 0x800000u); }
  let places = countLeadingZeros(fraction) - 8u;
  return Parts(1 - i32(places), fraction << places);
}

fn add(a: u32, b: u32) -> u32 {
  return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)) ^ parameters[0];
}
fn sub(a: u32, b: u32) -> u32 { return add(a, b ^ SIGN); }
fn mul(a: u32, b: u32) -> u32 {
  return bitcast<u32>(bitcast<f32>(a) * bitcast<f32>(b)) ^ parameters[0];
}

fn div(a: u32, b: u32) -> u32 {
  let sign = (a ^ b) & SIGN;
  if (isNaN(a) || isNaN(b)) { return NOT_A_NUMBER; }
  if (magnitude(a) == INFINITE) { return select(sign | INFINITE, NOT_A_NUMBER, magnitude(b) == INFINITE); }
  if (magnitude(b) == 0u) { return select(sign | INFINITE, NOT_A_NUMBER, magnitude(a) == 0u); }
  if (magnitude(a) == 0u || magnitude(b) == INFINITE) { return sign; }
  let x = partsOf(a);
  let y = partsOf(b);
  let smaller = x.significand < y.significand;
  var rest = x.significand << u32(smaller);
  var quotient = 0u;
  for (var bit = 0u; bit < 31u; bit++) {
    let fits = rest >= y.significand;
    quotient = (quotient << 1u) | u32(fits);
    rest = (rest - select(0u, y.significand, fits)) << 1u;
  }
  return rounded(sign, x.exponent - y.exponent + 127 - i32(smaller), quotient | u32(rest != 0u));
}

/// The square root, a bit for each two of the number.
fn root(x: u32) -> u32 {
  if (magnitude(x) == 0u || x == INFINITE) { return x; }
  if (x > INFINITE) { return NOT_A_NUMBER; }
  let parts = partsOf(x);
  let isOdd = (parts.exponent & 1) == 0;
  let number = parts.significand << u32(isOdd);
  // Twenty-six bits of root take fifty-two of the number; all behind its own twenty-five are zero.
  var high = number << 7u;
  var rest = 0u;
  var result = 0u;
  for (var bit = 0u; bit < 26u; bit++) {
    rest = (rest << 2u) | (high >> 30u);
    high = high << 2u;
    let trial = (result << 2u) | 1u;
    let fits = rest >= trial;
    result = (result << 1u) | u32(fits);
    rest = rest - select(0u, trial, fits);
  }
  let exponent = (parts.exponent - 127 - i32(isOdd)) / 2 + 127;
  return rounded(0u, exponent, (result << 5u) | u32(rest != 0u));
}

/// Numbers in the order of what they stand for; both zeros are the same.
fn order(x: u32) -> i32 { return select(i32(x), -i32(magnitude(x)), x >= SIGN); }
fn eq(a: u32, b: u32) -> bool { return order(a) == order(b) && !isNaN(a) && !isNaN(b); }
fn lt(a: u32, b: u32) -> bool { return order(a) < order(b) && !isNaN(a) && !isNaN(b); }
fn le(a: u32, b: u32) -> bool { return order(a) <= order(b) && !isNaN(a) && !isNaN(b); }

/// The lesser of two numbers, minus zero before zero; NaN when either is.
fn lesser(a: u32, b: u32) -> u32 {
  if (isNaN(a) || isNaN(b)) { return NOT_A_NUMBER; }
  if (magnitude(a | b) == 0u) { return a | b; }
  return select(b, a, order(a) < order(b));
}
fn greater(a: u32, b: u32) -> u32 { return lesser(a ^ SIGN, b ^ SIGN) ^ SIGN; }

/// The upper and the lower word of a product.
fn fullProduct(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return vec2<u32>((a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u), a * b);
}
`;
