import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { makeSparseCheckpoint } from "../../bench/checkpoints.ts";
import { temporaryFolder } from "../support/checkpoint.ts";

const program = join(import.meta.dirname, "../../dist/cli/main.js");

/** Bytes that a process may hold beside its budget. */
const allowance = 100e6;

/** Writes the most memory that the process ever held, as Linux counts it, into the file `PEAK_FILE`. */
const tellPeak = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeFileSync } from "node:fs";
  import { isMainThread } from "node:worker_threads";
  const tell = () => writeFileSync(process.env.PEAK_FILE, /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  if (isMainThread) process.on("exit", tell);
`)}`;

/** A tensor that workers share, and many small ones. */
const shapes = [
  { name: "embedding", shape: [12_000, 1024] },
  ...Array.from({ length: 1000 }, (_, layer) => ({ name: `layers.${layer}.weight`, shape: [64, 128] })),
];

// Elsewhere the system tells no peak of one process alone.
test.skipIf(process.platform !== "linux").each([
  { method: "linear", budget: 24, workers: 2 },
  { method: "ties", budget: 64, workers: 1 },
  { method: "della", budget: 64, workers: 4 },
  { method: "della", budget: 256, workers: 4 },
])("a merge holds no more than its budget and 100 MB: %j", ({ method, budget, workers }) => {
  const folder = temporaryFolder();
  const [a, b, base] = ["a", "b", "base"].map((name) => join(folder, name)) as [string, string, string];
  for (const model of [a, b, base]) makeSparseCheckpoint(model, shapes);
  const models = ["--model_path_list", a, b, "--base_model_path", base, "--output_path", join(folder, "out")];
  const work = ["--merge_method", method, "--n_process", String(workers), "--max_memory", `${budget}MB`];
  const peakFile = join(folder, "peak");
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", tellPeak, program, "merge", ...models, ...work],
    { encoding: "utf8", env: { ...process.env, PEAK_FILE: peakFile } },
  );
  expect(status, stderr).toBe(0);
  const peakBytes = Number(readFileSync(peakFile, "utf8")) * 1024;
  expect(peakBytes).toBeGreaterThan(30e6);
  expect(peakBytes).toBeLessThanOrEqual(budget * 1e6 + allowance);
});
