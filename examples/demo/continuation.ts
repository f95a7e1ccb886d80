import type { Llama } from "./llama.ts";
import { FIRST_BYTE_TOKEN, tokensOf } from "./tokens.ts";

const SEED = 1;
/** Below 1 the likelier bytes are drawn even more often. */
const TEMPERATURE = 0.6;

/** What the model writes after the prompt, drawn byte by byte from a fixed seed. */
export function continuation(model: Llama, prompt: string, bytes: number): string {
  const random = randomFractions(SEED);
  const written = new Uint8Array(bytes);
  model.forget();
  let unread = tokensOf(new TextEncoder().encode(prompt));
  for (let i = 0; i < bytes; i++) {
    const logits = model.read(unread);
    const token = drawToken(logits.subarray(-model.sizes.vocabulary), random());
    written[i] = token - FIRST_BYTE_TOKEN;
    unread = [token];
  }
  return new TextDecoder().decode(written);
}

function drawToken(logits: Float32Array, fraction: number): number {
  const byteLogits = logits.subarray(FIRST_BYTE_TOKEN);
  const highest = Math.max(...byteLogits);
  const shares = Array.from(byteLogits, (logit) => Math.exp((logit - highest) / TEMPERATURE));
  let left = fraction * shares.reduce((sum, share) => sum + share, 0);
  let byte = 0;
  while (byte < shares.length - 1 && left >= shares[byte]!) left -= shares[byte++]!;
  return byte + FIRST_BYTE_TOKEN;
}

/** Numbers from 0 up to 1, the same for the same seed (the generator called Mulberry32). */
function randomFractions(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
