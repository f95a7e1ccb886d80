import { rmSync } from "node:fs";
import { join } from "node:path";

import { makeCheckpoint } from "./checkpoints.ts";
import { median, spread, timed } from "./measure.ts";
import { makeAdapter, tinyLlamaShapes } from "./tiny-llama.ts";

/** An adapter merge to be timed. */
export interface AdapterBench {
  readonly folder: string;
  readonly rank: number;
  /** Whether the floor ends with the copy on the device, as a merge always does. */
  readonly durable: boolean;
  readonly node: string;
  readonly rounds: number;
}

/** Times merging a LoRA adapter on all linear layers into its base of 2.2 GB, against copying the base, in turn. */
export function benchAdapter({ folder, rank, durable, node, rounds }: AdapterBench): Record<string, string> {
  const [base, adapter] = [join(folder, "base"), join(folder, `adapter-${rank}`)];
  makeCheckpoint(base, tinyLlamaShapes(), 1);
  makeAdapter(adapter, rank);
  const [out, copy] = [join(folder, "out"), join(folder, "copy")];
  const paths = ["--base_model_path", base, "--lora_model_path", adapter, "--output_path", out];
  const command = ["dist/cli/main.js", "merge", ...paths, "--n_process", "2", "--json"];
  const floor = `cp '${base}/model.safetensors' '${copy}'${durable ? ` && sync '${copy}'` : ""}`;

  const merges: number[] = [];
  const floors: number[] = [];
  let peakBytes = 0;
  for (let round = 0; round <= rounds; round++) {
    rmSync(copy, { force: true });
    rmSync(out, { recursive: true, force: true });
    const merge = timed(node, command);
    rmSync(out, { recursive: true, force: true });
    const { seconds } = timed("sh", ["-c", floor]);
    // The first round fills the page cache.
    if (round === 0) continue;
    merges.push(merge.seconds);
    floors.push(seconds);
    const { peakMemoryBytes } = JSON.parse(merge.stdout) as { peakMemoryBytes: number };
    peakBytes = Math.max(peakBytes, peakMemoryBytes);
  }
  rmSync(copy, { force: true });
  return {
    "merge, s": spread(merges),
    "cp, s": spread(floors),
    ratio: spread(merges.map((seconds, round) => seconds / floors[round]!)),
    "to median": (median(merges) / median(floors)).toFixed(2),
    "peak MB": (peakBytes / 1e6).toFixed(0),
  };
}
