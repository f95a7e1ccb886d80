import { backends } from "../../src/kernels/index.ts";
import { inputsFor } from "../support/kernel-runs.ts";
import { allLayouts, allShortLengths, describeContract, expectSameBits } from "./contract.ts";

const CAPACITY_BYTES = 8 * 1024 * 1024;

for (const [name, create] of Object.entries(backends)) {
  if (name === "reference") continue;
  describeContract(name, create(CAPACITY_BYTES), {
    layouts: allLayouts,
    shortLengths: allShortLengths,
    inputsFor,
    expectSameReductions: expectSameBits,
  });
}
