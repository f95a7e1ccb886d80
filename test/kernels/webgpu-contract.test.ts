import { createWebgpuBackend } from "../../src/kernels/webgpu/backend.ts";
import { ComputeDevice } from "../../src/kernels/webgpu/compute-device.ts";
import { describeWithGpu, newDevice, reasonForNoGpu } from "../support/gpu.ts";
import { expectNearlySame } from "../support/near.ts";
import { describeContract } from "./contract.ts";

const CAPACITY_BYTES = 8 * 1024 * 1024;

const device = reasonForNoGpu === undefined ? await newDevice() : undefined;

describeWithGpu("on a device", () => {
  const shared = new ComputeDevice(device!, { keepsInputs: false });
  describeContract("webgpu", createWebgpuBackend(shared, CAPACITY_BYTES), {
    // Compiling takes long, and how a type is read does not depend on what is done with it.
    layouts: [
      { inputs: ["BF16", "BF16"], output: "BF16" },
      { inputs: ["F16", "F32"], output: "F16" },
      { inputs: ["F32", "BF16"], output: "F32" },
      { inputs: ["F32", "F64"], output: "F32" },
    ],
    shortLengths: [0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65],
    expectSameReductions: expectNearlySame,
  });
});
