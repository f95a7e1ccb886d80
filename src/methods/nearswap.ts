import { defineMethod, exactly } from "./define.ts";
import { notNegative } from "./parameters.ts";

/** The base moved towards a model, as far as the two are near. */
export const nearswap = defineMethod({
  name: "nearswap",
  summary: "The base, each element moved towards the model's by t, or all the way where that is less.",
  formula: "d₁ cut to the range from -t to t",
  reference: "https://huggingface.co/alchemonaut/QuartetAnemoi-70B-t0.0001",
  differences: [
    "mergekit multiplies d by t / |d|, at most 1, which is the same; but for |d| it takes 1e-6 at least, so a t below that moves nothing all the way.",
    "A t below 0 is refused; mergekit takes it for 0.",
  ],
  models: exactly(1),
  parameters: { t: notNegative(1e-4, "How far an element moves at most.") },
  recipe: {
    base: "difference",
    needsBase: true,
    parameters: { t: { sets: "t", required: true } },
  },
  merge: ([d], { t }) => d!.max(-t).min(t),
});
