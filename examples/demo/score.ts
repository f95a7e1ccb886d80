import type { Llama } from "./llama.ts";
import { likeliestToken, tokensOf } from "./tokens.ts";

/** How well a model foresees a text. */
export interface Score {
  /** The average surprise; 8 would be blind guessing. */
  readonly bitsPerByte: number;
  /** The share of bytes, 0 to 1, that the model held to be the likeliest. */
  readonly accuracy: number;
}

/**
 * The model's score on a text, window after window with nothing remembered between two. Every byte
 * but the first is foretold once: `scripts/train-demo.py` scores in the same way.
 */
export function scoreText(model: Llama, text: Uint8Array): Score {
  const { windowBytes, vocabulary } = model.sizes;
  const tokens = tokensOf(text);
  const foretold = tokens.length - 1;
  let bits = 0;
  let hits = 0;
  for (let start = 0; start < foretold; start += windowBytes) {
    const targets = tokens.slice(start + 1, start + 1 + windowBytes);
    model.forget();
    const logits = model.read(tokens.slice(start, start + targets.length));
    targets.forEach((target, position) => {
      const row = logits.subarray(position * vocabulary, (position + 1) * vocabulary);
      bits += surpriseBits(row, target);
      if (likeliestToken(row) === target) hits++;
    });
  }
  return { bitsPerByte: bits / foretold, accuracy: hits / foretold };
}

function surpriseBits(logits: Float32Array, target: number): number {
  let highest = -Infinity;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return (highest + Math.log(sum) - logits[target]!) / Math.LN2;
}
