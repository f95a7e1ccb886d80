import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { isTensorweldError, TensorweldError } from "../../src/errors.ts";
import { startInlineGpu } from "../../src/execute/gpu-jobs.ts";
import type { StartGpuThreads } from "../../src/execute/thread.ts";
import type { Config } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { temporaryFolder } from "../support/checkpoint.ts";
import { describeWithGpu, newDevice } from "../support/gpu.ts";
import { BLOCK, inPieces, merged, onGpu, type Run, weightsOf, writeModels } from "../support/gpu-merging.ts";
import { expectWithinUnit } from "../support/near.ts";
import { refusal } from "../support/refusal.ts";

const changes = inPieces(BLOCK, 1);

/** Merges on a device that goes away once some pieces are done. */
async function mergedUntilLost(config: Config, last = 2): Promise<Run> {
  const device = await newDevice();
  let pieces = 0;
  const onProgress = (): void => {
    if (++pieces === last) device.destroy();
  };
  const startGpuThreads = startInlineGpu(nodeStorage, device);
  return merged({ ...config, ...onGpu }, { changes, startGpuThreads, options: { onProgress } });
}

/** Merges on a device that is as good as any, under another name if one is given. */
async function mergedOnGpu(config: Config, name?: string): Promise<Run> {
  const device = await newDevice();
  const start = startInlineGpu(nodeStorage, device);
  const startGpuThreads: StartGpuThreads = async (setup, tell) => {
    const { gpu, threads } = await start(setup, tell);
    return { gpu: name ?? gpu, threads };
  };
  const run = await merged({ ...config, ...onGpu }, { changes, startGpuThreads });
  device.destroy();
  return run;
}

const noGpu: StartGpuThreads = async () => {
  throw new TensorweldError("refused", [{ code: "gpu/adapter", message: "no GPU was found" }], {
    retryable: true,
  });
};

async function failureOf(promise: Promise<unknown>): Promise<TensorweldError> {
  const error: unknown = await promise.then(
    () => expect.fail("it should have failed"),
    (error: unknown) => error,
  );
  if (isTensorweldError(error)) return error;
  throw error;
}

/** What the manifest of an output says about the devices that computed it. */
function devicesIn({ report }: Run): unknown {
  const manifest = readFileSync(join(report.outputPath, "merge_manifest.json"), "utf8");
  return (JSON.parse(manifest) as { devices?: unknown }).devices;
}

/** A merge of several chunks whose output is always in the same place. */
function placed(merge_method: string): Config {
  const output_path = join(temporaryFolder(), "placed");
  return { ...writeModels("BF16", 700_001), merge_method, output_path };
}

const aGpu: unknown = expect.stringMatching(/^(?!CPU$)./);

describeWithGpu("a device that is lost in the middle of a merge", () => {
  test.each([
    ["linear", "--resume"],
    // These have written nothing yet that could be gone on from.
    ["slerp", "--fallback"],
    ["ties", "--fallback"],
  ])("ends it with a clear error: %s", async (merge_method, advice) => {
    const error = await failureOf(mergedUntilLost({ ...writeModels("BF16", 700_001), merge_method }));
    expect(error.outcome).toBe("failed");
    expect(error.problems).toMatchObject([
      {
        code: "gpu/lost",
        message: expect.stringContaining("lost") as unknown,
        hint: expect.stringContaining(advice) as unknown,
      },
    ]);
  });

  test.each(["linear", "slerp", "ties", "dare_ties", "della"])(
    "with fallback ends in the right bytes, which say where they come from: %s",
    async (merge_method) => {
      const config = { ...writeModels("BF16", 700_001), merge_method };
      const run = await mergedUntilLost({ ...config, fallback: true });
      expect(run.report.notices).toEqual([
        expect.stringMatching(/^The CPU was used from some point on: the GPU was lost/),
        expect.stringMatching(/^Parts were computed on different devices/),
      ]);
      expect(run.report.devices).toEqual(["CPU", aGpu]);
      expect(devicesIn(run)).toEqual(["CPU", aGpu]);
      expectWithinUnit(weightsOf(run.bytes), weightsOf((await merged(config)).bytes), "BF16");
    },
  );
});

describeWithGpu("a merge that a lost device has stopped", () => {
  test("is resumed on the same device, to the same bytes", async () => {
    const config = placed("linear");
    const whole = await mergedOnGpu({ ...config, output_path: join(temporaryFolder(), "placed") });
    await failureOf(mergedUntilLost(config, 5));
    const { report, bytes } = await mergedOnGpu({ ...config, resume: true });
    expect(report.resumedPieces).toBeGreaterThan(0);
    expect(report.devices).toEqual([aGpu]);
    expect(bytes.equals(whole.bytes)).toBe(true);
  });

  test("keeps nothing of it on another device, and says so", async () => {
    const config = placed("linear");
    await failureOf(mergedUntilLost(config, 5));
    const run = await mergedOnGpu({ ...config, resume: true }, "another card");
    expect(run.report.resumedPieces).toBe(0);
    expect(run.report.notices).toEqual([
      expect.stringMatching(/^\d+ pieces that another device had computed are computed anew on another card/),
    ]);
    expect(devicesIn(run)).toEqual(["another card"]);
  });

  test("is no merge on the CPU's to go on from", async () => {
    const config = placed("linear");
    await failureOf(mergedUntilLost(config, 5));
    const { problems } = await refusal(merged({ ...config, resume: true }, { changes }));
    expect(problems).toMatchObject([{ code: "output/staging-exists" }]);
  });

  test("stays as it is when there is no device to go on with, but for fallback, which declares the mixture", async () => {
    const config = placed("linear");
    await failureOf(mergedUntilLost(config, 5));
    const again = { ...config, ...onGpu, resume: true };
    const error = await failureOf(merged(again, { changes, startGpuThreads: noGpu }));
    expect(error.problems).toMatchObject([
      { code: "gpu/adapter", hint: expect.stringContaining("--resume") as unknown },
    ]);
    const run = await merged({ ...again, fallback: true }, { changes, startGpuThreads: noGpu });
    expect(run.report.resumedPieces).toBeGreaterThan(0);
    expect(run.report.notices).toEqual([
      "The CPU was used: no GPU was found.",
      expect.stringMatching(/^Parts were computed on different devices.*CPU; ./),
    ]);
    expect(devicesIn(run)).toEqual(["CPU", aGpu]);
    const wanted = await merged({ ...config, output_path: join(temporaryFolder(), "on-the-cpu") });
    expectWithinUnit(weightsOf(run.bytes), weightsOf(wanted.bytes), "BF16");
  });

  test("an output of the CPU is not what a merge on a GPU resumes to, nor the other way round", async () => {
    const config = placed("linear");
    await merged(config);
    expect((await failureOf(mergedOnGpu({ ...config, resume: true }))).problems).toMatchObject([
      { code: "output/exists" },
    ]);
    const run = await mergedOnGpu({ ...config, overwrite: true });
    expect((await mergedOnGpu({ ...config, resume: true })).report.alreadyDone).toBe(true);
    expect((await failureOf(merged({ ...config, resume: true }))).problems).toMatchObject([
      { code: "output/exists" },
    ]);
    expect(run.report.devices).toEqual([aGpu]);
  });
});
