import { rmSync } from "node:fs";
import { join } from "node:path";

import { evenShapes, makeCheckpoint } from "./checkpoints.ts";
import { median, spread, timed } from "./measure.ts";

export interface LinearBench {
  /** Where inputs and outputs lie; a tmpfs, or a folder on disk. */
  readonly folder: string;
  /** Bytes of each of the two inputs. */
  readonly bytes: number;
  /** Whether the floor ends with the copy on the device, as a merge always does. */
  readonly durable: boolean;
  /** The Node that runs the merge. */
  readonly node: string;
  readonly rounds: number;
}

/**
 * Times a linear merge of two BF16 checkpoints as a whole process, against `cat` of the inputs and `cp` of the output.
 * Both are run in turn, and compared round by round, so a machine that slows down slows both.
 */
export function benchLinear({ folder, bytes, durable, node, rounds }: LinearBench): Record<string, string> {
  const [a, b, out, copy] = ["a", "b", "out", "copy"].map((name) => join(folder, `${bytes}-${name}`));
  const shapes = evenShapes(bytes);
  makeCheckpoint(a!, shapes, 1);
  makeCheckpoint(b!, shapes, 2);
  const mergeArgs = ["dist/cli/main.js", "merge", "--merge_method", "linear", "--n_process", "2"];
  mergeArgs.push("--model_path_list", a!, b!, "--output_path", out!, "--json");
  const flush = durable ? ` && sync '${copy}'` : "";
  const floor = `cat '${a}'/*.safetensors '${b}'/*.safetensors >/dev/null && cp '${out}'/*.safetensors '${copy}'${flush}`;

  const merges: number[] = [];
  const floors: number[] = [];
  let peakBytes = 0;
  for (let round = 0; round <= rounds; round++) {
    rmSync(out!, { recursive: true, force: true });
    rmSync(copy!, { force: true });
    const merge = timed(node, mergeArgs);
    const { seconds } = timed("sh", ["-c", floor]);
    // The first round fills the page cache.
    if (round === 0) continue;
    merges.push(merge.seconds);
    floors.push(seconds);
    peakBytes = Math.max(
      peakBytes,
      (JSON.parse(merge.stdout) as { peakMemoryBytes: number }).peakMemoryBytes,
    );
  }
  rmSync(out!, { recursive: true, force: true });
  rmSync(copy!, { force: true });
  return {
    "merge, s": spread(merges),
    "cat + cp, s": spread(floors),
    ratio: spread(merges.map((seconds, round) => seconds / floors[round]!)),
    "GB/s read + written": ((3 * bytes) / median(merges) / 1e9).toFixed(2),
    "peak memory, MB": (peakBytes / 1e6).toFixed(0),
  };
}
