import { dot, rowDot } from "../formula/builder.ts";
import { defineMethod } from "./define.ts";
import { flag, perModel } from "./parameters.ts";
import { clampedCosine, combined, type Gram } from "./span.ts";

/** The length that vectors are divided by at least. Source: mergekit. */
const MIN_LENGTH = 1e-7;

/**
 * The sine of an angle below which two vectors lie on a line. Ten times what rounding leaves of a sine of zero: a cosine
 * of float64 numbers that is off by 2^-52 has a sine of 2e-8.
 */
const MIN_SINE = 2e-7;

/** The magnitude of the sum of weights below which both weigh the same. Source: mergekit. */
const MIN_SUM = 1e-6;

/** A point on the arc between two tensors, or between each two of their rows. */
export const nuslerp = defineMethod({
  name: "nuslerp",
  summary:
    "A point on the arc from the first model to the second, by their weights; for tensors or for rows.",
  formula:
    "t = w₂ / (w₁ + w₂); cos θ = d₁·d₂ / |d₁||d₂|; sin((1-t)θ)/sin θ · d₁ + sin(tθ)/sin θ · d₂; on a line (1-t)·d₁ + t·d₂",
  reference: "https://github.com/arcee-ai/mergekit/blob/main/docs/merge_methods.md#nuslerp-nuslerp",
  differences: [
    "Vectors that are opposite but for rounding lie on a line here; mergekit makes the result up to ten million times too long.",
    "nuslerp_row_wise without nuslerp_flatten, which in mergekit takes the columns of a tensor for vectors, is refused.",
  ],
  models: { minimum: 1, maximum: 2 },
  parameters: {
    weight: perModel(1, "How near the result is to this model."),
    flatten: flag(true, "Take the whole tensor for a vector, in place of each row."),
    rowWise: flag(false, "Unless flattened, take each column for a vector, in place of each row."),
  },
  recipe: {
    base: "difference",
    needsBase: false,
    parameters: {
      weight: { sets: "weight", required: true },
      nuslerp_flatten: { sets: "flatten" },
      nuslerp_row_wise: { sets: "rowWise" },
    },
  },
  conflict({ flatten, rowWise }) {
    if (flatten || !rowWise) return undefined;
    return "nuslerp_row_wise true with nuslerp_flatten false takes columns for vectors, which this version can't; nuslerp_row_wise false takes rows";
  },
  merge(tensors, { weight, flatten }) {
    if (tensors.length === 1) return tensors[0]!;
    const sum = weight[0]! + weight[1]!;
    const t = Math.abs(sum) < MIN_SUM ? 0.5 : weight[1]! / sum;
    return combined(tensors, (gram) => pointOnArc(gram, t), flatten ? dot : rowDot);
  },
});

/** The coefficients of two vectors that give a point on the arc from one to the other. */
function pointOnArc(gram: Gram, t: number): readonly [number, number] {
  const [a, b] = gram.map((row, i) => Math.max(Math.sqrt(row[i]!), MIN_LENGTH)) as [number, number];
  const angle = Math.acos(clampedCosine(gram[0]![1]! / (a * b)));
  const sine = Math.sin(angle);
  if (sine < MIN_SINE) return [1 - t, t];
  return [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}
