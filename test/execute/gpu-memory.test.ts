import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { encodeHeader, layoutShards } from "../../src/formats/safetensors/write.ts";
import type { Config } from "../../src/index.ts";
import { temporaryFolder } from "../support/checkpoint.ts";
import { describeWithGpu, newDevice, reasonForNoGpu } from "../support/gpu.ts";
import { BLOCK, inPieces, merged, onGpu, watched, weightsOf, writeModels } from "../support/gpu-merging.ts";
import { expectWithinUnit } from "../support/near.ts";

/** Writes a model of one tensor: numbers between -1 and 1, drawn from `seed`. */
function writeLarge(folder: string, elements: number, seed: number): string {
  const { shards } = layoutShards([{ name: "w", dtype: "F32", shape: [elements] }], {
    prefix: "model",
    maxShardBytes: Infinity,
    metadata: new Map([["format", "pt"]]),
  });
  const [shard] = shards;
  const values = new Float32Array(elements);
  let state = seed;
  for (let at = 0; at < elements; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9;
    values[at] = state / 2 ** 31;
  }
  mkdirSync(folder);
  const bytes = Buffer.concat([encodeHeader(shard!.header), new Uint8Array(values.buffer)]);
  writeFileSync(join(folder, "model.safetensors"), bytes);
  return folder;
}

const sharedDevice = reasonForNoGpu === undefined ? await newDevice() : undefined;

describeWithGpu("low_gpu_mem", () => {
  const device = sharedDevice!;
  afterAll(() => device.destroy());

  test("has the CPU count where there is no room for the counts, and says so", async () => {
    const config = { ...writeModels("F32"), merge_method: "ties" };
    const flags = { ...onGpu, device: "low_gpu_mem", gpu_memory: "7MB" } as const;
    const { start: startGpuThreads, shared } = watched(device);
    const changes = inPieces(3 * BLOCK, 1);
    const { report, bytes } = await merged({ ...config, ...flags }, { changes, startGpuThreads });
    expect(report.notices).toEqual([expect.stringMatching(/^Some passes were computed on the CPU/)]);
    expect(shared().memory.peakBytes).toBeGreaterThan(0);
    expectWithinUnit(weightsOf(bytes), weightsOf((await merged(config)).bytes), "F32");
  });

  // What counts elements has two mebibytes of counts for each model, on the device and in what is read back. A tensor of
  // ten times its bound has 26 million elements, which take a software device a minute.
  test.each([
    ["linear", 2_000_000, 10],
    ["slerp", 2_000_000, 10],
    ["dare_ties", 2_000_000, 10],
    ["ties", 10_500_000, 2],
  ])(
    "%s holds no more than its bound, here %i bytes, of a tensor %i times as large",
    async (merge_method, bound, times) => {
      const elements = Math.ceil((times * bound) / Float32Array.BYTES_PER_ELEMENT);
      const folder = temporaryFolder();
      const [a, b, base] = ["a", "b", "base"].map((name, index) =>
        writeLarge(join(folder, name), elements, index + 1),
      );
      const config: Config = { model_path_list: [a!, b!], base_model_path: base!, merge_method };
      const { start: startGpuThreads, shared } = watched(device);
      const flags = { ...onGpu, device: "low_gpu_mem", gpu_memory: bound, max_memory: "400MB" } as const;
      const changes = inPieces(32 * BLOCK, 1);
      const { report, bytes } = await merged({ ...config, ...flags }, { changes, startGpuThreads });
      expect(shared().memory.peakBytes).toBeLessThanOrEqual(bound);
      expect(shared().memory.peakBytes).toBeGreaterThan(bound / 2);
      // Nothing was left to the CPU.
      expect(report.notices).toEqual([]);
      expectWithinUnit(weightsOf(bytes), weightsOf((await merged(config)).bytes), "F32");
    },
  );
});
