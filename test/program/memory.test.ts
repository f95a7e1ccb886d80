import { join } from "node:path";
import { expect, test } from "vitest";

import { makeSparseCheckpoint } from "../../bench/checkpoints.ts";
import { peakBytes } from "../../bench/peak-memory.ts";
import { temporaryFolder } from "../support/checkpoint.ts";

const program = join(import.meta.dirname, "../../dist/cli/main.js");

/** Bytes that a process may hold beside its budget. */
const allowance = 100e6;

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
  const peak = peakBytes(process.execPath, [program, "merge", ...models, ...work]);
  expect(peak).toBeGreaterThan(30e6);
  expect(peak).toBeLessThanOrEqual(budget * 1e6 + allowance);
});
