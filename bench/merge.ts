import { rmSync } from "node:fs";
import { join } from "node:path";

import { makeCheckpoint, type TensorShape } from "./checkpoints.ts";
import { type TimedRecipe, writeRecipe } from "./recipes.ts";
import { median, spread, timed } from "./measure.ts";

/** A merge to be timed. */
export interface MergeBench {
  /** Where inputs and outputs lie; a tmpfs, or a folder on disk. */
  readonly folder: string;
  /** Of flags; or a recipe. */
  readonly method: string | TimedRecipe;
  /** Tensors of each input. */
  readonly shapes: readonly TensorShape[];
  readonly hasBase: boolean;
  /** Whether the floor ends with the copy on the device, as a merge always does. */
  readonly durable: boolean;
  /** The Node that runs the merge. */
  readonly node: string;
  readonly rounds: number;
}

interface MergeResult {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly peakMemoryBytes: number;
}

/**
 * Times a merge of two BF16 checkpoints as a whole process, against `cat` of its inputs and `cp` of its output. Both
 * are run in turn and compared round by round, so a machine that slows down slows both.
 */
export function benchMerge(bench: MergeBench): Record<string, string> {
  const names = bench.hasBase ? ["a", "b", "base"] : ["a", "b"];
  const inputs = names.map((name) => join(bench.folder, name));
  inputs.forEach((input, index) => makeCheckpoint(input, bench.shapes, index + 1));
  const [out, copy] = [join(bench.folder, "out"), join(bench.folder, "copy")];
  const flush = bench.durable ? ` && sync '${copy}'` : "";
  const files = inputs.map((input) => `'${input}'/*.safetensors`).join(" ");
  const floor = `cat ${files} >/dev/null && cp '${out}'/*.safetensors '${copy}'${flush}`;

  const merges: number[] = [];
  const floors: number[] = [];
  let result: MergeResult = { bytesRead: 0, bytesWritten: 0, peakMemoryBytes: 0 };
  for (let round = 0; round <= bench.rounds; round++) {
    rmSync(out, { recursive: true, force: true });
    rmSync(copy, { force: true });
    const merge = timed(bench.node, mergeArguments(bench, inputs, out));
    const { seconds } = timed("sh", ["-c", floor]);
    result = JSON.parse(merge.stdout) as MergeResult;
    // The first round fills the page cache.
    if (round === 0) continue;
    merges.push(merge.seconds);
    floors.push(seconds);
  }
  rmSync(out, { recursive: true, force: true });
  rmSync(copy, { force: true });
  return {
    "merge, s": spread(merges),
    "cat + cp, s": spread(floors),
    ratio: spread(merges.map((seconds, round) => seconds / floors[round]!)),
    "GB/s": ((result.bytesRead + result.bytesWritten) / median(merges) / 1e9).toFixed(2),
    "peak MB": (result.peakMemoryBytes / 1e6).toFixed(0),
  };
}

function mergeArguments(
  { folder, method, hasBase }: MergeBench,
  inputs: readonly string[],
  out: string,
): readonly string[] {
  const [a, b, base] = inputs as readonly [string, string, string?];
  const common = ["dist/cli/main.js", "merge", "--n_process", "2", "--json", "--output_path", out];
  if (typeof method !== "string") return [...common, writeRecipe(folder, method, inputs)];
  const withBase = hasBase ? ["--base_model_path", base!] : [];
  return [...common, "--merge_method", method, "--model_path_list", a, b, ...withBase];
}
