import type { PieceResult } from "./piece-result.ts";

/** How the CPU is called among the devices that computed an output. GPUs go by the names that their drivers give. */
const CPU = "CPU";

/** Name of the device that a piece was computed on. */
export function deviceOf({ gpu }: PieceResult): string {
  return gpu ?? CPU;
}

/**
 * Whether a piece that `earlier` computed may stay in an output that `now` goes on with; both are names of GPUs, or
 * undefined for the CPU. The last place of a number may depend on the device. So one device makes an output, but that with
 * `fallback` the CPU may make what a GPU did not come to.
 */
export function mayStay(earlier: string | undefined, now: string | undefined, fallback: boolean): boolean {
  return earlier === now || (fallback && (earlier === undefined || now === undefined));
}

/** What to say when pieces may not stay. */
export function computedAnew(pieces: number, now: string | undefined): string {
  return `${pieces} pieces that another device had computed are computed anew on ${now ?? "the CPU"}: the last place of a number may depend on the device.`;
}
