import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type ExecuteOptions, executePlan } from "../../src/execute/execute.ts";
import { gpuJobs } from "../../src/execute/gpu-jobs.ts";
import type { Report } from "../../src/execute/report.ts";
import { startInline, type StartGpuThreads } from "../../src/execute/thread.ts";
import { type Config, plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { ComputeDevice } from "../../src/kernels/webgpu/compute-device.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { temporaryFolder, writeCheckpoint } from "./checkpoint.ts";

/** Elements of a block, the smallest piece. */
export const BLOCK = 65_536;

/** The flags that have a GPU compute. */
export const onGpu = { device: "gpu", tensor_type: "pd" } as const;

/** Two models and their base, of a tensor of a few elements and one of several blocks. */
export function writeModels(dtype: "F32" | "BF16" | "F16" | "F64", elements = 150_001): Config {
  const folder = temporaryFolder();
  const write = (name: string, phase: number): string => {
    const values = (length: number): readonly number[] =>
      Array.from({ length }, (_, at) => Math.sin(phase + at * (1 + phase)) / 16);
    return writeCheckpoint(join(folder, name), {
      long: { dtype, shape: [elements], values: values(elements) },
      few: { dtype, shape: [5], values: values(5) },
    });
  };
  return { model_path_list: [write("a", 0.5), write("b", 1.25)], base_model_path: write("base", 2) };
}

/** A merge that is done. */
export interface Run {
  readonly report: Report;
  /** All of the file of weights. */
  readonly bytes: Buffer;
}

export interface Circumstances {
  /** Changes the plan before it is carried out. */
  readonly changes?: (planned: Plan) => Plan;
  /** Absent: there is no way to a GPU. */
  readonly startGpuThreads?: StartGpuThreads;
  readonly options?: ExecuteOptions;
}

/** Merges on the calling thread, into a new folder unless the flags name one. */
export async function merged(config: Config, circumstances: Circumstances = {}): Promise<Run> {
  const { changes = (planned) => planned, startGpuThreads, options = {} } = circumstances;
  const planned = changes(await plan({ output_path: join(temporaryFolder(), "out"), ...config }));
  const startThread = startInline(nodeStorage);
  const platform = { storage: nodeStorage, startThread, ...(startGpuThreads && { startGpuThreads }) };
  const report = await executePlan(planned, options, platform);
  return { report, bytes: readFileSync(join(report.outputPath, "model.safetensors")) };
}

/** The same plan in chunks of other sizes, and with another number of them at one time. */
export function inPieces(chunkElements: number, workers: number): (planned: Plan) => Plan {
  return (planned) => ({
    ...planned,
    tasks: planned.tasks.map((task) => ({ ...task, chunkElements })),
    schedule: { ...planned.schedule, workers },
  });
}

/** The weights of a file, without its header, which says where they come from. */
export function weightsOf(bytes: Buffer): Buffer {
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
}

/** Jobs on that device, and afterwards what they held on it. */
export function watched(device: GPUDevice): {
  readonly start: StartGpuThreads;
  readonly shared: () => ComputeDevice;
} {
  let last: ComputeDevice | undefined;
  const start: StartGpuThreads = async (setup, tell) => {
    const { threads, shared } = gpuJobs(nodeStorage, device, setup, tell);
    last = shared;
    return { gpu: shared.name, threads };
  };
  return { start, shared: () => last! };
}
