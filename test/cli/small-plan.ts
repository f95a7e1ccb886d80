import type { Plan, Report } from "../../src/index.ts";

const span = { file: 0, offset: 8, dtype: "BF16" } as const;
const merge = { method: "linear", parameters: { weight: [0.7, 0.3], normalize: false } };

/** A plan of two models with three tensors, one of which is copied. */
export const smallPlan: Plan = {
  version: 1,
  hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  recipe: { models: ["/a", "/b"], base: "/base", merge, prefix: "model", maxShardBytes: 5e9, seed: 42 },
  inputs: ["/a", "/b", "/base"].map((folder) => ({
    path: `${folder}/model.safetensors`,
    size: 1_000_000_000,
    modified: 0,
    headerHash: "00",
  })),
  shards: [
    { name: "model-00001-of-00002.safetensors", size: 600_000_000, header: "{}" },
    { name: "model-00002-of-00002.safetensors", size: 400_000_000, header: "{}" },
  ],
  tasks: [
    { name: "a", shape: [2, 3], elements: 6, merge, base: span, models: [span, span], target: span },
    { name: "b", shape: [2, 3], elements: 6, merge, base: span, models: [span, span], target: span },
    { name: "ids", shape: [5], elements: 5, models: [span], target: span },
  ],
  documents: [{ name: "merge_config.json", text: "{}\n" }],
  companions: [{ from: "/base/config.json", name: "config.json" }],
  schedule: { outputPath: "/out", workers: 2, memoryBytes: 256e6, chunkElements: 524_288 },
  cost: { bytesRead: 3e9, bytesWritten: 1e9, bufferBytes: 64e6, peakBytes: 170e6 },
  notices: ["slerp_alpha has no effect on linear."],
};

export const smallReport: Report = {
  outputPath: "/out",
  files: ["model.safetensors"],
  tensors: 3,
  merged: 2,
  copied: 1,
  bytesRead: 3e9,
  bytesWritten: 1e9,
  seconds: 1.6,
  seed: 42,
  notices: [...smallPlan.notices, "ids differs between the models; the base's is kept."],
};
