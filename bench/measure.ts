import { spawnSync } from "node:child_process";

/** Bytes that a command may print: a report of 10,000 tensors takes some 2 MB. */
const MAX_OUTPUT_BYTES = 100_000_000;

/** Wall time of a command in seconds. Throws when it fails. */
export function timed(command: string, args: readonly string[]): { seconds: number; stdout: string } {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
  return { seconds, stdout };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A value with the spread of its runs, as tables show it: `1.23 (1.20–1.31)`. */
export function spread(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;
}
