import { readFileSync } from "node:fs";
import { devices } from "tensorweld";
import { expect, test } from "vitest";

import { reasonForNoGpu } from "../support/gpu.ts";
import { weightsOf } from "../support/gpu-merging.ts";
import { mergeWritten, noticesOf, writeInput } from "../support/merging.ts";

const wave = (phase: number): Float32Array =>
  Float32Array.from({ length: 200_000 }, (_, at) => Math.sin(phase + at));
const models = [{ w: wave(0) }, { w: wave(1) }];
const gpu = { device: "gpu", tensor_type: "pd" } as const;

test.skipIf(reasonForNoGpu !== undefined)(
  "a worker thread merges on the GPU, and ends by itself",
  async () => {
    expect((await devices()).length).toBeGreaterThan(0);
    const input = writeInput({ models });
    const wanted = weightsOf(readFileSync(await mergeWritten(input, { merge_method: "linear" })));
    for (let round = 0; round < 3; round++) {
      const found = readFileSync(await mergeWritten(input, { merge_method: "linear", ...gpu }));
      expect(weightsOf(found).equals(wanted)).toBe(true);
    }
  },
);

test.skipIf(reasonForNoGpu === undefined)(
  "without a GPU, fallback merges on the CPU and says so",
  async () => {
    const notices = await noticesOf({ models }, { merge_method: "linear", ...gpu, fallback: true });
    expect(notices).toEqual([expect.stringMatching(/^The CPU was used: no GPU was found/)]);
  },
);
