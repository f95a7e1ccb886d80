import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { startInlineGpu } from "../../src/execute/gpu-jobs.ts";
import type { Config } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { describeWithGpu, newDevice, reasonForNoGpu } from "../support/gpu.ts";
import { BLOCK, inPieces, merged, onGpu, weightsOf } from "../support/gpu-merging.ts";
import { expectWithinUnit } from "../support/near.ts";
import { randomNumbers } from "../support/random-numbers.ts";

// More elements than a block has.
const [rows, columns, rank] = [500, 301, 5];

/** Paths of a base, of another model and of an adapter for the base. */
interface Written {
  readonly base: string;
  readonly other: string;
  readonly adapter: string;
}

function written(dtype: "F32" | "BF16", dora: boolean): Written {
  const folder = temporaryFolder();
  const tensor = (shape: readonly number[], seed: number, type: "F32" | "BF16" = dtype): TestTensor => {
    const elements = shape.reduce((product, length) => product * length, 1);
    return { dtype: type, shape, values: randomNumbers(elements, seed) };
  };
  const weights = (seed: number): Record<string, TestTensor> => ({
    "layer.weight": tensor([rows, columns], seed),
    "norm.weight": tensor([columns], seed + 1),
  });
  const module = "base_model.model.layer";
  const factors = {
    [`${module}.lora_A.weight`]: tensor([rank, columns], 7, "F32"),
    [`${module}.lora_B.weight`]: tensor([rows, rank], 8, "F32"),
    ...(dora && { [`${module}.lora_magnitude_vector`]: tensor([rows], 9, "F32") }),
  };
  const adapter = writeCheckpoint(join(folder, "adapter"), factors, "adapter_model.safetensors");
  const settings = { peft_type: "LORA", r: rank, lora_alpha: 10, use_dora: dora };
  writeFileSync(join(adapter, "adapter_config.json"), JSON.stringify(settings));
  return {
    base: writeCheckpoint(join(folder, "base"), weights(1)),
    other: writeCheckpoint(join(folder, "other"), weights(4)),
    adapter,
  };
}

const variants = [false, true].flatMap((dora) =>
  (["F32", "BF16"] as const).map((dtype) => ({ dora, dtype })),
);

const sharedDevice = reasonForNoGpu === undefined ? await newDevice() : undefined;

describeWithGpu("an adapter on a GPU", () => {
  const device = sharedDevice!;
  afterAll(() => device.destroy());
  const startGpuThreads = startInlineGpu(nodeStorage, device);

  async function expectLikeCpu(config: Config, dtype: "F32" | "BF16", updated: string): Promise<void> {
    const wanted = await merged(config);
    const found = new Set<string>();
    for (const [flags, jobs] of [
      [onGpu, 1],
      [{ ...onGpu, device: "low_gpu_mem", gpu_memory: "48MB" }, 3],
    ] as const) {
      const circumstances = { changes: inPieces(BLOCK * jobs, jobs), startGpuThreads };
      const { bytes, report } = await merged({ ...config, ...flags }, circumstances);
      expectWithinUnit(weightsOf(bytes), weightsOf(wanted.bytes), dtype);
      expect(report.notices).toEqual([`The products of adapters, for ${updated}, were computed on the CPU.`]);
      found.add(bytes.toString("latin1"));
    }
    expect(found.size).toBe(1);
  }

  test.each(variants)("is merged into its base as on the CPU: %j", async ({ dora, dtype }) => {
    const { base, adapter } = written(dtype, dora);
    await expectLikeCpu({ base_model_path: base, lora_model_path: adapter }, dtype, "1 of 2 tensors");
  });

  test.each(
    ["linear", "slerp", "ties", "della"].flatMap((merge_method) =>
      variants.map((one) => ({ merge_method, ...one })),
    ),
  )("of a model is merged with others as on the CPU: %j", async ({ merge_method, dora, dtype }) => {
    const { base, other, adapter } = written(dtype, dora);
    const models = { model_path_list: [`${base}+${adapter}`, other], base_model_path: base };
    await expectLikeCpu({ merge_method, ...models }, dtype, "1 of 2 tensors");
  });
});
