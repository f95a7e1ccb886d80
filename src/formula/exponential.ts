import { type Tensor, total, where } from "./builder.ts";

// Made of elementwise operations alone, so that every backend gets the same bits. Arguments are brought into a small range
// by comparisons, which are right in float32 and float64 alike, and a polynomial does the rest.

/** Powers of two whose exponents add up to any whole number from 0 to 127. */
const EXPONENTS = [64, 32, 16, 8, 4, 2, 1];

/** ln 2 as two numbers: the first has few enough bits that its multiples up to 127 are exact in float32. */
const LN2_HIGH = 0.693_145_751_953_125;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** Terms of the series of e^r: the next one is below 2^-26 for r from -ln 2 to 0. */
const EXP_TERMS = 9;

/** Terms of the series of the inverse hyperbolic tangent: the next one is below 2^-27 of the sum for s up to 0.172. */
const ATANH_TERMS = 5;

/**
 * e to the power of x, for x of 0 or less; for larger ones it is not meant. Accurate to 2 units in the last place of
 * float32, also where the arithmetic is float64; for x below -87 it is some number of at most e^-87.
 */
export function exp(x: Tensor): Tensor {
  let rest = x.max(-128 * Math.LN2);
  const lows: Tensor[] = [];
  const powers: Tensor[] = [];
  for (const exponent of EXPONENTS) {
    const reaches = rest.le(-exponent * LN2_HIGH);
    // Exact: where it reaches, the two are within a factor of two of each other.
    rest = where(reaches, rest.add(exponent * LN2_HIGH), rest);
    lows.push(where(reaches, exponent * LN2_LOW, 0));
    powers.push(where(reaches, 2 ** -exponent, 1));
  }
  const series = horner(
    rest.add(total(lows)),
    Array.from({ length: EXP_TERMS + 1 }, (_, term) => 1 / factorial(term)),
  );
  return powers.reduce((product, power) => product.mul(power), series);
}

/**
 * The natural logarithm of x, for x from 2^-64 to 2^63; for others it is not meant. Accurate to 3 units in the last place
 * of float32, also where the arithmetic is float64.
 */
export function ln(x: Tensor): Tensor {
  // From 1 up, so that there is one way to go.
  let mantissa = x.mul(2 ** 64);
  const exponents: Tensor[] = [];
  for (const exponent of EXPONENTS) {
    const reaches = mantissa.ge(2 ** exponent);
    mantissa = where(reaches, mantissa.mul(2 ** -exponent), mantissa);
    exponents.push(where(reaches, exponent, 0));
  }
  const isUpper = mantissa.ge(Math.SQRT2);
  mantissa = where(isUpper, mantissa.mul(0.5), mantissa);
  const exponent = total([...exponents, where(isUpper, 1, 0)]).sub(64);
  // ln m = 2 atanh s, with s = (m - 1) / (m + 1).
  const s = mantissa.sub(1).div(mantissa.add(1));
  const series = horner(
    s.mul(s),
    Array.from({ length: ATANH_TERMS }, (_, term) => 2 / (2 * term + 1)),
  );
  return exponent.mul(LN2_HIGH).add(exponent.mul(LN2_LOW).add(s.mul(series)));
}

/** The polynomial with these coefficients, the constant one first. */
function horner(x: Tensor, coefficients: readonly number[]): Tensor {
  const [highest, next, ...others] = coefficients.toReversed();
  return others.reduce((sum, coefficient) => sum.mul(x).add(coefficient), x.mul(highest!).add(next!));
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
