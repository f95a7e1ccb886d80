/** Words that a sum takes in memory: its place, five words of digits, and what was not finite. */
export const SUM_WORDS = 7;

/** Units of the lowest digit at place 0, as a power of two: products of two float32 are multiples of it. */
const UNIT_EXPONENT = -298;

/**
 * Sums of products of float32 as whole numbers: the product of two significands has 48 bits and is added where its
 * exponent says, to five words of digits that reach 78 bits or more below the largest product so far. So a sum of a whole
 * block is off by less than float64 would be.
 *
 * Compensated pairs of float32 would be the usual way; but they overflow where float64 does not, and WGSL lets a shader
 * reorder and fuse what they are made of. Whole numbers are the same on every device, in any order.
 */
export const SUMS = /* wgsl */ `
struct Sum {
  /// Position of the lowest digit.
  place: i32,
  /// Two's complement, the least significant digit first.
  a: u32, b: u32, c: u32, d: u32, e: u32,
  /// Bits: 1 for NaN, 2 for infinity, 4 for minus infinity.
  odd: u32,
}
const EMPTY = Sum(-1000, 0u, 0u, 0u, 0u, 0u, 0u);
const ONE = 0x3f800000u;

/// The same sum with its lowest digit at a place that is no lower.
fn raised(sum: Sum, place: i32) -> Sum {
  let by = place - sum.place;
  if (by == 0) { return sum; }
  let sign = u32(i32(sum.e) >> 31u);
  let far = Sum(place, sign, sign, sign, sign, sign, sum.odd);
  if (by > 4) { return far; }
  let two = (by & 2) != 0;
  let a = select(sum.a, sum.c, two);
  let b = select(sum.b, sum.d, two);
  let c = select(sum.c, sum.e, two);
  let d = select(sum.d, sign, two);
  let e = select(sum.e, sign, two);
  if (by == 4) { return Sum(place, sum.e, sign, sign, sign, sign, sum.odd); }
  if ((by & 1) == 0) { return Sum(place, a, b, c, d, e, sum.odd); }
  return Sum(place, b, c, d, e, sign, sum.odd);
}

/// Adds digits of the same place, and one more when asked to.
fn withDigits(sum: Sum, a: u32, b: u32, c: u32, d: u32, e: u32, more: u32) -> Sum {
  var result = sum;
  let first = sum.a + more;
  result.a = first + a;
  var carry = u32(first < more) | u32(result.a < a);
  let second = sum.b + carry;
  result.b = second + b;
  carry = u32(second < carry) | u32(result.b < b);
  let third = sum.c + carry;
  result.c = third + c;
  carry = u32(third < carry) | u32(result.c < c);
  let fourth = sum.d + carry;
  result.d = fourth + d;
  carry = u32(fourth < carry) | u32(result.d < d);
  result.e = sum.e + e + carry;
  return result;
}

fn withProduct(sum: Sum, x: u32, y: u32) -> Sum {
  let isOdd = magnitude(x) >= INFINITE || magnitude(y) >= INFINITE;
  let isZero = magnitude(x) == 0u || magnitude(y) == 0u;
  let isNegative = ((x ^ y) & SIGN) != 0u;
  if (isOdd) {
    var result = sum;
    result.odd |= select(select(2u, 4u, isNegative), 1u, isNaN(x) || isNaN(y) || isZero);
    return result;
  }
  if (isZero) { return sum; }
  let first = max((x >> 23u) & 0xffu, 1u);
  let second = max((y >> 23u) & 0xffu, 1u);
  let bits = fullProduct(
    (x & 0x7fffffu) | (u32(magnitude(x) > 0x7fffffu) << 23u),
    (y & 0x7fffffu) | (u32(magnitude(y) > 0x7fffffu) << 23u),
  );
  let exponent = first + second - 2u;
  let shift = exponent & 31u;
  let low = bits.y << shift;
  let middle = select((bits.x << shift) | (bits.y >> (32u - shift)), bits.x, shift == 0u);
  let high = select(bits.x >> (32u - shift), 0u, shift == 0u);

  // One digit below the first product's is spare, and so is the last one above.
  let place = i32(exponent >> 5u);
  let moved = raised(sum, max(place - 1, sum.place));
  let at = place - moved.place;
  // To take away is to add all digits' complements and one.
  let sign = select(0u, 0xffffffffu, isNegative);
  let a = select(select(select(0u, high, at == -2), middle, at == -1), low, at == 0);
  let b = select(select(select(0u, high, at == -1), middle, at == 0), low, at == 1);
  let c = select(select(0u, high, at == 0), middle, at == 1);
  let d = select(0u, high, at == 1);
  return withDigits(moved, a ^ sign, b ^ sign, c ^ sign, d ^ sign, sign, sign & 1u);
}

var<workgroup> halves: array<atomic<u32>, 10>;
var<workgroup> highest: atomic<i32>;
var<workgroup> oddities: atomic<u32>;

var<workgroup> counted: atomic<u32>;

/// Adds up the counts of a workgroup's invocations and stores the result in that word.
fn storeCount(own: u32, lane: u32, at: u32, isWanted: bool) {
  if (lane == 0u) { atomicStore(&counted, 0u); }
  workgroupBarrier();
  atomicAdd(&counted, own);
  workgroupBarrier();
  if (lane == 0u && isWanted) { partials[at] = atomicLoad(&counted); }
  workgroupBarrier();
}

/// Adds up the sums of a workgroup's invocations and stores the result from that word on. Digits are added in halves,
/// which leave room for carries; an array with a place for each invocation takes some drivers long to clear.
fn storeSum(own: Sum, lane: u32, at: u32, isWanted: bool) {
  if (lane == 0u) {
    atomicStore(&highest, EMPTY.place);
    atomicStore(&oddities, 0u);
  }
  if (lane < 10u) { atomicStore(&halves[lane], 0u); }
  workgroupBarrier();
  atomicMax(&highest, own.place);
  atomicOr(&oddities, own.odd);
  workgroupBarrier();
  let sum = raised(own, atomicLoad(&highest));
  var digits = array<u32, 5>(sum.a, sum.b, sum.c, sum.d, sum.e);
  for (var i = 0u; i < 5u; i++) {
    atomicAdd(&halves[2u * i], digits[i] & 0xffffu);
    atomicAdd(&halves[2u * i + 1u], digits[i] >> 16u);
  }
  workgroupBarrier();
  if (lane == 0u && isWanted) {
    partials[at] = u32(atomicLoad(&highest));
    var carry = 0u;
    for (var i = 0u; i < 5u; i++) {
      let low = atomicLoad(&halves[2u * i]) + carry;
      let high = atomicLoad(&halves[2u * i + 1u]) + (low >> 16u);
      partials[at + 1u + i] = (low & 0xffffu) | (high << 16u);
      carry = high >> 16u;
    }
    partials[at + 6u] = atomicLoad(&oddities);
  }
  workgroupBarrier();
}
`;

/** The value of the sum at that word. */
export function sumAt(words: Uint32Array, at: number): number {
  const odd = words[at + 6]!;
  const both = (odd & 6) === 6;
  if ((odd & 1) !== 0 || both) return NaN;
  if (odd !== 0) return odd === 2 ? Infinity : -Infinity;
  let digits = BigInt(words[at + 5]! | 0);
  for (let digit = 4; digit >= 1; digit--) digits = (digits << 32n) | BigInt(words[at + digit]!);
  const place = words[at]! | 0;
  return digits === 0n ? 0 : Number(digits) * 2 ** (32 * place + UNIT_EXPONENT);
}
