import { afterAll, expect, test } from "vitest";

import { startInlineGpu } from "../../src/execute/gpu-jobs.ts";
import { type Config, pairs } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { describeWithGpu, newDevice, reasonForNoGpu } from "../support/gpu.ts";
import { BLOCK, inPieces, merged, onGpu, watched, weightsOf, writeModels } from "../support/gpu-merging.ts";
import { expectWithinUnit } from "../support/near.ts";

const methods = [...pairs.keys()];
const dtypes = ["F32", "BF16", "F16"] as const;

/** Ways to cut up the same work, which must not show: blocks a chunk has, and chunks at one time. */
const ways = [
  { flags: onGpu, blocks: 1, jobs: 1 },
  { flags: { ...onGpu, device: "low_gpu_mem", gpu_memory: "20MB" }, blocks: 2, jobs: 2 },
  { flags: onGpu, blocks: 3, jobs: 5 },
] as const;

const sharedDevice = reasonForNoGpu === undefined ? await newDevice() : undefined;

describeWithGpu("a merge on a GPU", () => {
  const device = sharedDevice!;
  afterAll(() => device.destroy());
  const start = startInlineGpu(nodeStorage, device);

  test.each(methods.flatMap((method) => dtypes.map((dtype) => [method, dtype] as const)))(
    "agrees with the CPU to one unit in the last place, the same however it is cut up: %s, %s",
    async (merge_method, dtype) => {
      const config = { ...writeModels(dtype), merge_method };
      const wanted = await merged(config);
      const found = new Set<string>();
      for (const { flags, blocks, jobs } of ways) {
        const circumstances = { changes: inPieces(blocks * BLOCK, jobs), startGpuThreads: start };
        const { bytes, report } = await merged({ ...config, ...flags }, circumstances);
        expectWithinUnit(weightsOf(bytes), weightsOf(wanted.bytes), dtype);
        expect(report.notices).toEqual(wanted.report.notices);
        expect(report.devices).toEqual([expect.stringMatching(/./)]);
        expect(report.devices).not.toEqual(["CPU"]);
        found.add(bytes.toString("latin1"));
      }
      expect(found.size).toBe(1);
    },
  );

  test("gpu keeps a tensor's inputs on the device from pass to pass", async () => {
    const config = { ...writeModels("BF16"), merge_method: "slerp" };
    const uploaded = async (flags: Config): Promise<number> => {
      const own = await newDevice();
      const write = own.queue.writeBuffer.bind(own.queue);
      let bytes = 0;
      own.queue.writeBuffer = (...args) => {
        // Inputs come as parts of one memory; parameters and trees come by themselves.
        bytes += args[4] ?? 0;
        write(...args);
      };
      const startGpuThreads = startInlineGpu(nodeStorage, own);
      await merged({ ...config, ...flags }, { changes: inPieces(BLOCK, 2), startGpuThreads });
      own.destroy();
      return bytes;
    };
    const once = 3 * 150_001 * 2;
    expect(await uploaded(onGpu)).toBeLessThan(once * 1.1);
    expect(await uploaded({ ...onGpu, device: "low_gpu_mem" })).toBeGreaterThan(once * 1.9);
  });

  test("float64 is computed on the CPU, which the report tells", async () => {
    const config = writeModels("F64");
    const { report, bytes } = await merged({ ...config, ...onGpu }, { startGpuThreads: start });
    expect(report.notices).toEqual(["2 of 2 tensors were computed on the CPU: GPUs have no F64."]);
    expect(weightsOf(bytes).equals(weightsOf((await merged(config)).bytes))).toBe(true);
  });

  test("nothing of a merge stays on the device", async () => {
    const { start: startGpuThreads, shared } = watched(device);
    await merged({ ...writeModels("BF16"), merge_method: "slerp", ...onGpu }, { startGpuThreads });
    expect(shared().memory.peakBytes).toBeGreaterThan(0);
    expect(shared().memory.heldBytes).toBe(0);
  });
});
