import { expect, test } from "vitest";

import { arithmeticOf, bitsOf, floatTypes } from "../../src/dtype.ts";
import { input, type Tensor, total } from "../../src/formula/builder.ts";
import type { Layout } from "../../src/kernels/backend.ts";
import { backends } from "../../src/kernels/index.ts";
import { createWebgpuBackend } from "../../src/kernels/webgpu/backend.ts";
import { ComputeDevice } from "../../src/kernels/webgpu/compute-device.ts";
import { describeWithGpu, newDevice, reasonForNoGpu } from "../support/gpu.ts";
import { inputsFor, run } from "../support/kernel-runs.ts";
import { expectNearlySame } from "../support/near.ts";
import { describeContract } from "./contract.ts";

const CAPACITY_BYTES = 8 * 1024 * 1024;

/** Numbers below this may come to subnormals on the way, which a device may take for zero. */
const TINY = 2 ** -60;

const device = reasonForNoGpu === undefined ? await newDevice() : undefined;

/** Bytes of every pattern, but for tiny numbers, which are zero. */
function inputsWithoutTiny(layout: Layout, elements: number, seed: number): readonly Uint8Array[] {
  const inputs = inputsFor(layout, elements, seed);
  inputs.forEach((bytes, index) => {
    const dtype = layout.inputs[index]!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const arithmetic = arithmeticOf(dtype)!;
    const width = bitsOf(dtype) / 8;
    for (let at = 0; at < bytes.length; at += width) {
      if (Math.abs(arithmetic.decode(view, at)) < TINY) arithmetic.encode(view, at, 0);
    }
  });
  return inputs;
}

describeWithGpu("on a device", () => {
  const shared = new ComputeDevice(device!, { keepsInputs: false });
  const backend = createWebgpuBackend(shared, CAPACITY_BYTES);
  describeContract("webgpu", backend, {
    // Compiling takes long, and how a type is read does not depend on what is done with it.
    layouts: [
      { inputs: ["BF16", "BF16"], output: "BF16" },
      { inputs: ["F16", "F32"], output: "F16" },
      { inputs: ["F32", "F64"], output: "F32" },
    ],
    shortLengths: [0, 1, 2, 3, 4, 5, 7, 8, 9, 64, 65],
    inputsFor: inputsWithoutTiny,
    expectSameReductions: expectNearlySame,
  });

  const [a, b] = [input(0), input(1)];
  const formulas: Readonly<Record<string, Tensor>> = {
    sum: a.add(b),
    product: a.mul(b),
    "weighted sum": total([a.mul(0.3), b.mul(-1.7)]),
  };

  test.each(Object.entries(formulas))(
    "subnormals may become zero, and nothing else may change: %s",
    async (_, formula) => {
      for (const dtype of floatTypes.filter((dtype) => dtype !== "F64")) {
        const layout: Layout = { inputs: [dtype, dtype], output: "F32" };
        const inputs = inputsFor(layout, 20_000, 5);
        const expected = await run(backends.reference(), formula, layout, inputs, 20_000, false);
        const actual = await run(backend, formula, layout, inputs, 20_000, false);
        const [found, wanted] = [actual, expected].map(({ output }) => new Uint32Array(output.buffer));
        const given = inputs.map((bytes) => floatsOf(bytes, layout));
        for (let at = 0; at < 20_000; at++) {
          if (found![at] === wanted![at] || given.some((floats) => isSubnormal(floats[at]!))) continue;
          // What was flushed on the way is less than the smallest normal number.
          const [x, y] = [found!, wanted!].map((words) => floatOf(words[at]!));
          expect(Math.abs(x! - y!), `element ${at} of ${dtype}`).toBeLessThan(2 ** -125);
        }
      }
    },
  );

  test("takes a pass in runs that fit its share of the device, to the same bits", async () => {
    const layout: Layout = { inputs: ["BF16", "F32"], output: "BF16" };
    const elements = 5 * 65_536 + 100;
    const inputs = inputsWithoutTiny(layout, elements, 6);
    const formula = a.mul(total([a, b]).abs());
    const whole = await run(backend, formula, layout, inputs, elements, true);
    const bounded = new ComputeDevice(device!, { memoryBytes: 1_800_000, keepsInputs: false });
    const small = createWebgpuBackend(bounded, CAPACITY_BYTES, { shareBytes: 1_800_000 });
    const pieces = await run(small, formula, layout, inputs, elements, true);
    expect(pieces).toEqual(whole);
    expect(bounded.memory.peakBytes).toBeGreaterThan(600_000);
    expect(bounded.memory.peakBytes).toBeLessThanOrEqual(1_800_000);
  });

  test("computes on the CPU what does not fit at all, and says so", async () => {
    let told = 0;
    const bounded = new ComputeDevice(device!, { memoryBytes: 10_000, keepsInputs: false });
    const options = { shareBytes: 10_000, onTooLarge: (): number => told++ };
    const small = createWebgpuBackend(bounded, CAPACITY_BYTES, options);
    const layout: Layout = { inputs: ["BF16"], output: "BF16" };
    const inputs = inputsFor(layout, 100, 7);
    const expected = await run(backends.reference(), a.abs(), layout, inputs, 100, false);
    expect((await run(small, a.abs(), layout, inputs, 100, false)).output).toEqual(expected.output);
    expect([told, bounded.memory.peakBytes]).toEqual([1, 0]);
  });
});

function floatsOf(bytes: Uint8Array, { inputs: [dtype] }: Layout): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bitsOf(dtype!) / 8;
  return Array.from({ length: bytes.length / width }, (_, index) =>
    arithmeticOf(dtype!)!.decode(view, index * width),
  );
}

function isSubnormal(value: number): boolean {
  return value !== 0 && Math.abs(value) < 2 ** -126;
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}
