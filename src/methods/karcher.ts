import { atLeast, defineMethod } from "./define.ts";
import { notNegative } from "./parameters.ts";
import { alongOf, clampedCosine, combined, type Gram, lengthOf } from "./span.ts";

/** The sine of an angle below which vectors point the same way or opposite ways, and no direction leads from one to the other. */
const MIN_SINE = 1e-7;

/** The middle of some tensors on the sphere of their directions. */
export const karcher = defineMethod({
  name: "karcher",
  summary:
    "The direction with the least sum of squared angles to the models' directions, as long as they are on average.",
  formula:
    "uᵢ = dᵢ/|dᵢ|; u = Σ u normalised; repeatedly T = mean of θ/sin θ·(uᵢ - cos θ·u) with cos θ = u·uᵢ, u = cos|T|·u + sin|T|·T/|T|, until |T| < tol; u·mean |dᵢ|",
  reference: "https://en.wikipedia.org/wiki/Karcher_mean",
  differences: [
    "mergekit rounds each step of the iteration to the type of the weights; here it is one of float64 numbers, the coefficients of the models.",
    "Of models that point opposite ways there is no middle: the first is the result in both.",
  ],
  models: atLeast(1),
  parameters: {
    maxIter: notNegative(10, "How many steps at most."),
    tol: notNegative(1e-5, "The length of a step, an angle, and a norm that are taken for zero."),
  },
  recipe: {
    base: "listed",
    needsBase: false,
    parameters: { max_iter: { sets: "maxIter" }, tol: { sets: "tol" } },
  },
  merge: (tensors, { maxIter, tol }) =>
    combined(tensors, (gram) => {
      const lengths = gram.map((row, i) => Math.sqrt(row[i]!));
      const valid = lengths.flatMap((length, i) => (length > tol ? [i] : []));
      const cosines = valid.map((i) =>
        valid.map((j) => clampedCosine(gram[i]![j]! / (lengths[i]! * lengths[j]!))),
      );
      const middle = middleOf(cosines, maxIter, tol);
      const length = lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
      return lengths.map((own, i) => (valid.includes(i) ? (length * middle[valid.indexOf(i)]!) / own : 0));
    }),
});

/** The Karcher mean of unit vectors, as coefficients of them. */
function middleOf(cosines: Gram, maxIter: number, tol: number): readonly number[] {
  const share = 1 / cosines.length;
  const first = cosines.map((_, i) => (i === 0 ? 1 : 0));
  let u =
    normalised(
      cosines.map(() => share),
      cosines,
      tol,
    ) ?? first;
  for (let step = 0; step < maxIter; step++) {
    const tangent = tangentAt(u, cosines, share, tol);
    const angle = lengthOf(tangent, cosines);
    if (angle < tol) break;
    const moved = u.map((one, i) => Math.cos(angle) * one + (Math.sin(angle) / angle) * tangent[i]!);
    u = normalised(moved, cosines, tol) ?? moved;
  }
  return u;
}

/** The mean of the ways from `u` to the unit vectors along the sphere. */
function tangentAt(u: readonly number[], cosines: Gram, share: number, tol: number): readonly number[] {
  const tangent = u.map(() => 0);
  for (const i of u.keys()) {
    const cosine = clampedCosine(alongOf(u, cosines, i));
    const [angle, sine] = [Math.acos(cosine), Math.sqrt(1 - cosine * cosine)];
    if (angle < tol || sine < MIN_SINE) continue;
    const speed = (share * angle) / sine;
    tangent[i]! += speed;
    u.forEach((one, j) => (tangent[j]! -= speed * cosine * one));
  }
  return tangent;
}

function normalised(
  coefficients: readonly number[],
  cosines: Gram,
  tol: number,
): readonly number[] | undefined {
  const length = lengthOf(coefficients, cosines);
  return length < tol ? undefined : coefficients.map((one) => one / length);
}
