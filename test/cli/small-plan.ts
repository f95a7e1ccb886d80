import type { Plan, Report } from "../../src/index.ts";

const span = { file: 0, offset: 8, dtype: "BF16" } as const;
const combination = {
  sparsify: { method: "dare", parameters: { reserve: 0.5, rescale: true } },
  merge: { method: "linear", parameters: { weight: [0.7, 0.3], normalize: false } },
};
const merged = {
  shape: [2, 3],
  elements: 6,
  combination,
  hasBase: true,
  operands: [span, span, span],
  target: span,
  chunkElements: 524_288,
};

/** A plan of two models with three tensors, one of which is copied. */
export const smallPlan: Plan = {
  version: 1,
  isFinished: false,
  hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  recipe: {
    models: [{ path: "/a" }, { path: "/b" }],
    base: { path: "/base" },
    combination,
    prefix: "model",
    maxShardBytes: 5e9,
    modelCard: true,
    seed: 42,
  },
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
    { ...merged, name: "a" },
    { ...merged, name: "b" },
    {
      name: "ids",
      shape: [5],
      elements: 5,
      hasBase: false,
      operands: [span],
      target: span,
      chunkElements: 524_288,
    },
  ],
  documents: [{ name: "merge_config.json", text: "{}\n" }],
  companions: [{ from: "/base/config.json", name: "config.json" }],
  schedule: {
    outputPath: "/out",
    workers: 2,
    memoryBytes: 256e6,
    workerBytes: 32e6,
    allowNonFinite: false,
    writeReport: false,
    resume: false,
    overwrite: false,
    strict: false,
  },
  cost: { bytesRead: 3e9, bytesWritten: 1e9, bufferBytes: 64e6, peakBytes: 170e6 },
  notices: ["slerp_alpha has no effect on dare_linear."],
  warnings: [],
};

export const smallReport: Report = {
  outputPath: "/out",
  files: ["model.safetensors"],
  tensors: 3,
  merged: 2,
  copied: 1,
  pieces: 3,
  resumedPieces: 0,
  bytesRead: 3e9,
  bytesWritten: 1e9,
  alreadyDone: false,
  seconds: 1.6,
  seed: 42,
  devices: ["CPU"],
  tensorReports: ["a", "b"].map((name, index) => ({
    name,
    elements: 6,
    nonFiniteInputs: 0,
    nonFiniteOutputs: 0,
    kept: [0.5, index / 3],
    values: {},
  })),
  notices: [...smallPlan.notices, "ids differs between the models; the base's is kept."],
  warnings: [],
};
