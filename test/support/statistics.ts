import { expect } from "vitest";

/** Standard errors that a law may be missed by: chance alone does so once in two million. */
const STANDARD_ERRORS = 5;

/** Whether each element was kept, 1 or 0, and with what probability it is. */
export interface Mask {
  readonly kept: Uint8Array;
  readonly probability: (element: number) => number;
}

/** Checks that as many elements were kept as their probabilities say, among those that `chosen` holds for. */
export function expectKeepRate(
  { kept, probability }: Mask,
  chosen: (element: number) => boolean = () => true,
): void {
  let [excess, variance] = [0, 0];
  for (let element = 0; element < kept.length; element++) {
    if (!chosen(element)) continue;
    const p = probability(element);
    excess += kept[element]! - p;
    variance += p * (1 - p);
  }
  expect(variance).toBeGreaterThan(0);
  expect(Math.abs(excess) / Math.sqrt(variance)).toBeLessThan(STANDARD_ERRORS);
}

/** Checks that elements of one mask are kept independently of those of another, `lag` places on. */
export function expectUncorrelated(one: Mask, other: Mask, lag = 0): void {
  const [first, second] = [standardised(one), standardised(other)];
  const pairs = first.length - lag;
  let sum = 0;
  for (let element = 0; element < pairs; element++) sum += first[element]! * second[element + lag]!;
  // Products of two independent numbers of mean 0 and variance 1 are such numbers themselves.
  expect(Math.abs(sum) / Math.sqrt(pairs), `${lag} places apart`).toBeLessThan(STANDARD_ERRORS);
}

function standardised({ kept, probability }: Mask): Float64Array {
  return Float64Array.from(kept, (value, element) => {
    const p = probability(element);
    return (value - p) / Math.sqrt(p * (1 - p));
  });
}
