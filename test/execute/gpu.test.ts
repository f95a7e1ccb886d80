import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { isTensorweldError } from "../../src/errors.ts";
import { type ExecuteOptions, executePlan } from "../../src/execute/execute.ts";
import { gpuJobs, startInlineGpu } from "../../src/execute/gpu-jobs.ts";
import type { Report } from "../../src/execute/report.ts";
import { startInline, type StartGpuThreads } from "../../src/execute/thread.ts";
import { type Config, pairs, plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { ComputeDevice } from "../../src/kernels/webgpu/compute-device.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { describeWithGpu, newDevice } from "../support/gpu.ts";
import { expectWithinUnit } from "../support/near.ts";

type DType = "F32" | "BF16" | "F16" | "F64";

/** Two models and their base, of a tensor of several blocks and one of a few elements. */
function writeModels(dtype: DType, elements = 150_001): Config {
  const folder = temporaryFolder();
  const write = (name: string, phase: number): string => {
    const values = (length: number): readonly number[] =>
      Array.from({ length }, (_, at) => Math.sin(phase + at * (1 + phase)) / 16);
    return writeCheckpoint(join(folder, name), {
      long: { dtype, shape: [elements], values: values(elements) },
      short: { dtype, shape: [5], values: values(5) },
    });
  };
  return { model_path_list: [write("a", 0.5), write("b", 1.25)], base_model_path: write("base", 2) };
}

interface Run {
  readonly report: Report;
  readonly bytes: Buffer;
}

async function merged(
  config: Config,
  changes: (planned: Plan) => Plan = (planned) => planned,
  startGpuThreads?: StartGpuThreads,
  options: ExecuteOptions = {},
): Promise<Run> {
  const planned = changes(await plan({ ...config, output_path: join(temporaryFolder(), "out") }));
  const startThread = startInline(nodeStorage);
  const platform = { storage: nodeStorage, startThread, ...(startGpuThreads && { startGpuThreads }) };
  const report = await executePlan(planned, options, platform);
  return { report, bytes: readFileSync(join(report.outputPath, "model.safetensors")) };
}

/** The same plan in chunks of other sizes, and with another number of them at one time. */
function inPieces(chunkElements: number, workers: number): (planned: Plan) => Plan {
  return (planned) => ({
    ...planned,
    tasks: planned.tasks.map((task) => ({ ...task, chunkElements })),
    schedule: { ...planned.schedule, workers },
  });
}

/** Where the weights of a file begin. */
function weightsOf(bytes: Buffer): Buffer {
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
}

const onGpu = { device: "gpu", tensor_type: "pd" } as const;
const BLOCK = 65_536;

describeWithGpu("a merge on a GPU", () => {
  test.each(
    [...pairs.keys()].flatMap((method) =>
      (["F32", "BF16", "F16"] as const).map((dtype) => [method, dtype] as const),
    ),
  )("agrees with the CPU to one unit in the last place: %s, %s", async (merge_method, dtype) => {
    const config = { ...writeModels(dtype), merge_method };
    const device = await newDevice();
    const wanted = await merged(config);
    for (const flags of [onGpu, { ...onGpu, device: "low_gpu_mem" as const, gpu_memory: "20MB" }]) {
      for (const pieces of [inPieces(BLOCK, 2), inPieces(3 * BLOCK, 1)]) {
        const found = await merged({ ...config, ...flags }, pieces, startInlineGpu(nodeStorage, device));
        expectWithinUnit(weightsOf(found.bytes), weightsOf(wanted.bytes), dtype);
        expect(found.report.notices).toEqual(wanted.report.notices);
      }
    }
    device.destroy();
  });

  test.each(["slerp", "della"])(
    "neither chunks nor their number show in a byte: %s",
    async (merge_method) => {
      const config = { ...writeModels("BF16"), merge_method, ...onGpu };
      const device = await newDevice();
      const hashes = new Set<string>();
      for (const [chunk, workers] of [
        [BLOCK, 1],
        [BLOCK, 3],
        [2 * BLOCK, 2],
        [3 * BLOCK, 5],
      ] as const) {
        const { bytes } = await merged(config, inPieces(chunk, workers), startInlineGpu(nodeStorage, device));
        hashes.add(bytes.toString("base64"));
      }
      expect(hashes.size).toBe(1);
      device.destroy();
    },
  );

  test("low_gpu_mem holds no more than its bound, of a tensor ten times as large", async () => {
    const elements = 5_000_000;
    const bound = 2_000_000;
    const config = writeModels("F32", elements);
    const device = await newDevice();
    let shared: ComputeDevice | undefined;
    const start: StartGpuThreads = async (setup, tell) => {
      const made = gpuJobs(nodeStorage, device, setup, tell);
      ({ shared } = made);
      return { gpu: made.shared.name, threads: made.jobs };
    };
    const flags = { ...onGpu, device: "low_gpu_mem", gpu_memory: bound, max_memory: "200MB" } as const;
    const { report, bytes } = await merged({ ...config, ...flags }, inPieces(16 * BLOCK, 1), start);
    expect(elements * 4).toBeGreaterThanOrEqual(10 * bound);
    expect(shared!.memory.peakBytes).toBeLessThanOrEqual(bound);
    expect(shared!.memory.peakBytes).toBeGreaterThan(bound / 2);
    expect(report.notices).toEqual([]);
    const wanted = await merged(config);
    expectWithinUnit(weightsOf(bytes), weightsOf(wanted.bytes), "F32");
    device.destroy();
  });

  test("gpu keeps a tensor's inputs on the device from pass to pass", async () => {
    const config = { ...writeModels("BF16"), merge_method: "slerp" };
    const uploaded = async (flags: Config): Promise<number> => {
      const device = await newDevice();
      const write = device.queue.writeBuffer.bind(device.queue);
      let bytes = 0;
      device.queue.writeBuffer = (...args) => {
        // Inputs come as parts of one memory; parameters and trees come by themselves.
        bytes += args[4] ?? 0;
        write(...args);
      };
      await merged({ ...config, ...flags }, inPieces(BLOCK, 2), startInlineGpu(nodeStorage, device));
      device.destroy();
      return bytes;
    };
    const once = 3 * 150_001 * 2;
    expect(await uploaded(onGpu)).toBeLessThan(once * 1.1);
    expect(await uploaded({ ...onGpu, device: "low_gpu_mem" })).toBeGreaterThan(once * 1.9);
  });

  test("float64 is computed on the CPU, which the report tells", async () => {
    const config = writeModels("F64");
    const device = await newDevice();
    const { report, bytes } = await merged(
      { ...config, ...onGpu },
      undefined,
      startInlineGpu(nodeStorage, device),
    );
    expect(report.notices).toEqual(["2 of 2 tensors were computed on the CPU: GPUs have no F64."]);
    expect(bytes.equals((await merged(config)).bytes)).toBe(true);
    device.destroy();
  });

  /** Merges on a device that goes away once the first pieces are done. */
  async function mergedUntilLost(config: Config): Promise<Run> {
    const device = await newDevice();
    let pieces = 0;
    const onProgress = (): void => {
      if (++pieces === 2) device.destroy();
    };
    const start = startInlineGpu(nodeStorage, device);
    return merged({ ...config, ...onGpu }, inPieces(BLOCK, 1), start, { onProgress });
  }

  test("a device that is lost ends the merge with a clear error", async () => {
    const error: unknown = await mergedUntilLost({
      ...writeModels("BF16", 700_001),
      merge_method: "slerp",
    }).then(
      () => expect.fail("it should have failed"),
      (error: unknown) => error,
    );
    if (!isTensorweldError(error)) throw error;
    expect(error.outcome).toBe("failed");
    expect(error.retryable).toBe(true);
    expect(error.problems).toMatchObject([{ code: "gpu/lost", message: expect.stringContaining("lost") }]);
  });

  test.each(["linear", "slerp", "ties"])(
    "with fallback it ends in the right bytes: %s",
    async (merge_method) => {
      const config = { ...writeModels("BF16", 700_001), merge_method };
      const { report, bytes } = await mergedUntilLost({ ...config, fallback: true });
      expect(report.notices).toEqual([
        expect.stringMatching(/^The CPU was used from some point on: the GPU was lost/),
      ]);
      expectWithinUnit(weightsOf(bytes), weightsOf((await merged(config)).bytes), "BF16");
    },
  );
});
