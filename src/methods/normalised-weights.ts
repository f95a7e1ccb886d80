/** The magnitude below which a sum of weights is taken for zero and not divided by. Source: mergekit. */
const MIN_SUM = 1e-8;

/** The weights divided by their sum; as they are when that is zero but for rounding. */
export function normalisedWeights(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((sum, weight) => sum + weight, 0);
  const divisor = Math.abs(sum) < MIN_SUM ? 1 : sum;
  return weights.map((weight) => weight / divisor);
}
