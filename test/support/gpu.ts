import { describe, test } from "vitest";

import { isTensorweldError } from "../../src/errors.ts";
import { openGpu } from "../../src/execute/node-gpu.ts";
import { requestDevice } from "../../src/kernels/webgpu/adapter.ts";

/** Why there is no GPU, not even one in software; undefined when there is. */
export const reasonForNoGpu: string | undefined = await openGpu()
  .then(requestDevice)
  .then(
    (device) => {
      device.destroy();
      return undefined;
    },
    (error: unknown) => {
      if (!isTensorweldError(error)) throw error;
      return error.problems[0]!.message;
    },
  );

/** Tests that need a GPU. Where there is none, one skipped test says why. */
export function describeWithGpu(name: string, tests: () => void): void {
  const skipped = (): void => test.skip(`not run, since ${reasonForNoGpu}`, () => {});
  describe(name, reasonForNoGpu === undefined ? tests : skipped);
}

/** A device of its own, of the adapter that merges take. */
export async function newDevice(): Promise<GPUDevice> {
  return requestDevice(await openGpu());
}
