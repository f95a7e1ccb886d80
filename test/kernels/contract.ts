import { describe, expect, test } from "vitest";

import { arithmeticOf, dtypes } from "../../src/dtype.ts";
import {
  count,
  dot,
  host,
  input,
  max,
  quantileOfMagnitudes,
  random,
  rankByMagnitude,
  sum,
  type Tensor,
  total,
  where,
} from "../../src/formula/builder.ts";
import { lower } from "../../src/formula/lower.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import type { Backend, Layout } from "../../src/kernels/backend.ts";
import { backends } from "../../src/kernels/index.ts";
import { expectSameBytes, type inputsFor, type Outcome, run, summary } from "../support/kernel-runs.ts";

const a = input(0);
const b = input(1);

/** One formula per operation, and some that use several; scalars as methods use them. */
const formulas: Readonly<Record<string, Tensor>> = {
  add: a.add(b),
  sub: a.sub(b),
  mul: a.mul(b),
  div: a.div(b),
  min: a.min(b),
  max: a.max(b),
  abs: a.abs(),
  neg: b.neg(),
  sqrt: a.sqrt(),
  eq: where(a.eq(b.mul(0)), 1, b),
  lt: where(a.lt(b), a, b),
  gt: where(a.gt(b), a, b),
  le: where(a.le(b), a, b),
  ge: where(a.ge(b), a, b),
  and: where(a.ge(0).and(b.lt(0)), a, b),
  or: where(a.lt(0).or(b.lt(0)), a, b),
  random: where(random(0).lt(0.3), a, random(1)),
  same: a,
  other: b,
  constant: a.mul(0).add(0.1),
  "weighted sum": total([a.mul(0.3), b.mul(-1.7)]),
  "weighted differences": a.add(total([b.sub(a).mul(0.3), b.sub(a).mul(1 / 3)])),
};

/** Infinity and NaN would make every sum NaN; half of the patterns are without. */
const finite = where(a.abs().lt(1e30), a, 0);

const reductions: Readonly<Record<string, Tensor>> = {
  sum: a.mul(sum(b)),
  dot: a.mul(dot(a, b)),
  "sum of finite values": a.mul(sum(finite)),
  "dot of finite values": a.mul(dot(finite, finite)),
  max: a.mul(max(b)),
  "max of finite values": a.sub(max(finite)),
  count: a.mul(count(a.gt(b))),
  "sum and dot of values made on the way": a.mul(sum(a.abs())).mul(dot(b.mul(0.5), b)),
  "a reduction of a reduction": a.sub(host((mean) => mean / 2, sum(finite.mul(sum(finite))))),
  quantile: where(a.abs().lt(quantileOfMagnitudes(a, 0.3)), 0, b),
  "quantile of a difference": b.mul(quantileOfMagnitudes(finite.sub(b), 0.77)),
  rank: rankByMagnitude(a, 1e-3).mul(b),
  "exact rank": rankByMagnitude(finite.sub(b), 0),
};

/** What a backend promises about a pass that reduces, and where it is worth asking. */
export interface Contract {
  /** The layouts to put every formula through; two formulas go through all there are. */
  readonly layouts: readonly Layout[];
  /** Lengths up to a few steps of a kernel. */
  readonly shortLengths: readonly number[];
  /** The bytes that a formula is given; see the function of that name. */
  readonly inputsFor: typeof inputsFor;
  /** Checks what was reduced, and what came of it. Without reductions the output is the reference's. */
  readonly expectSameReductions: (actual: Outcome, expected: Outcome, layout: Layout) => void;
}

const floats = dtypes.filter((dtype) => arithmeticOf(dtype) !== undefined);

/** Every type as an input of either kind and as an output. */
export const allLayouts: readonly Layout[] = floats.flatMap((first) =>
  floats.flatMap((output) => [
    { inputs: [first, first], output },
    { inputs: [first, floats[(floats.indexOf(output) + 1) % floats.length]!], output },
  ]),
);

/** Every length up to a few steps of a kernel, and the edges of blocks. */
export const allShortLengths: readonly number[] = Array.from({ length: 71 }, (_, length) => length);
const edgeLengths = [BLOCK_ELEMENTS - 1, BLOCK_ELEMENTS, BLOCK_ELEMENTS + 1, 2 * BLOCK_ELEMENTS + 17];

/** The bits of the reference in everything. */
export function expectSameBits(actual: Outcome, expected: Outcome, layout: Layout): void {
  expect(actual.stages.map(summary)).toEqual(expected.stages.map(summary));
  expectSameBytes(actual.output, expected.output, layout);
}

/** Compares a backend with the reference, which defines the answer. */
export function describeContract(name: string, backend: Backend, contract: Contract): void {
  const { layouts, shortLengths, inputsFor, expectSameReductions } = contract;
  describe(name, () => {
    const reference = backends.reference();

    async function expectEqual(
      formula: Tensor,
      layout: Layout,
      elements: number,
      seed: number,
      expectSame = expectSameBits,
    ): Promise<void> {
      const inputs = inputsFor(layout, elements, seed);
      // The trees of large tensors, whose cells take long to clear, are for the long lengths.
      const isLarge = elements > 1000;
      const expected = await run(reference, formula, layout, inputs, elements, isLarge);
      const actual = await run(backend, formula, layout, inputs, elements, isLarge);
      expectSame(actual, expected, layout);
    }

    async function expectClose(
      formula: Tensor,
      layout: Layout,
      elements: number,
      seed: number,
    ): Promise<void> {
      await expectEqual(formula, layout, elements, seed, expectSameReductions);
    }

    test.each(Object.entries(formulas))("%s equals the reference bit for bit", async (_name, formula) => {
      for (const layout of layouts) await expectEqual(formula, layout, 333, 11);
    });

    test.each(Object.entries(reductions))("%s reduces to the same", async (_name, formula) => {
      for (const layout of layouts) await expectClose(formula, layout, 333, 12);
      for (const length of edgeLengths)
        await expectClose(formula, { inputs: ["BF16", "F32"], output: "BF16" }, length, 13);
    });

    test.each(
      allLayouts.map((layout) => [`${layout.inputs.join("+")} -> ${layout.output}`, layout] as const),
    )("all short lengths, %s", async (_name, layout) => {
      for (const length of shortLengths) {
        await expectEqual(formulas["weighted differences"]!, layout, length, length);
        await expectClose(reductions["dot of finite values"]!, layout, length, length);
      }
    });

    test.each(edgeLengths)("%i elements, at the edge of a block", async (length) => {
      await expectEqual(formulas["weighted sum"]!, { inputs: ["BF16", "BF16"], output: "BF16" }, length, 3);
      await expectEqual(formulas["weighted sum"]!, { inputs: ["F16", "F32"], output: "F16" }, length, 4);
    });

    test.each(floats)("every 16-bit pattern survives %s", async (output) => {
      for (const first of ["F16", "BF16"] as const) {
        const patterns = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, code) => code).buffer);
        const layout: Layout = { inputs: [first], output };
        const expected = await run(reference, a, layout, [patterns], 65_536, false);
        const actual = await run(backend, a, layout, [patterns], 65_536, false);
        expectSameBytes(actual.output, expected.output, layout);
      }
    });

    test("writes nothing outside its output", async () => {
      const layout: Layout = { inputs: ["F32", "BF16"], output: "F16" };
      for (const elements of [1, 15, 16, 17, 63, 64, 65, 1000]) {
        const { stages } = lower(
          { output: formulas["weighted sum"]!, observations: [] },
          { precision: "float32", isLarge: false },
        );
        const kernel = await backend.compile(stages[0]!.structure, layout);
        const { output } = backend.buffersFor(layout, elements);
        const memory = new Uint8Array(output.buffer);
        memory.fill(0xa5);
        const scalars = [0, 0.3, -1.7];
        await kernel.run({ elements, firstElement: 0, scalars, trees: [], keys: [] });
        const end = output.byteOffset + Math.ceil(output.byteLength / 128) * 128;
        expect(memory.subarray(0, output.byteOffset).every((byte) => byte === 0xa5)).toBe(true);
        expect(memory.subarray(end).every((byte) => byte === 0xa5)).toBe(true);
      }
    });
  });
}
