import { randomBytes } from "./random-bytes.ts";

/** Numbers from -1 to 1, exact in float32, that look random and are the same in every run. */
export function randomNumbers(count: number, seed: number): readonly number[] {
  const words = new Int16Array(randomBytes(count * 2, seed).slice().buffer);
  return Array.from(words, (word) => word / 32_768);
}
