/** Tokens 0, 1 and 2 stand for padding, begin and end; the demo's models never saw them. */
export const FIRST_BYTE_TOKEN = 3;

/** The token of each byte of the text. */
export function tokensOf(text: Uint8Array): number[] {
  return Array.from(text, (byte) => byte + FIRST_BYTE_TOKEN);
}

/** The byte token with the highest logit. */
export function likeliestToken(logits: Float32Array): number {
  let best = FIRST_BYTE_TOKEN;
  for (let token = best + 1; token < logits.length; token++) {
    if (logits[token]! > logits[best]!) best = token;
  }
  return best;
}
