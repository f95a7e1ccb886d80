import { describe, expect, test } from "vitest";

import { bitsOf, type DType, dtypes, arithmeticOf } from "../../src/dtype.ts";
import { dot, input, sum, type Tensor, total, where } from "../../src/formula/builder.ts";
import { lower, type Structure } from "../../src/formula/lower.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import type { Backend, Layout } from "../../src/kernels/backend.ts";
import { backends } from "../../src/kernels/index.ts";
import { randomBytes } from "../support/random-bytes.ts";

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
  same: a,
  other: b,
  constant: a.mul(0).add(0.1),
  "weighted sum": total([a.mul(0.3), b.mul(-1.7)]),
  "weighted differences": a.add(total([b.sub(a).mul(0.3), b.sub(a).mul(1 / 3)])),
};

const reductions: Readonly<Record<string, Tensor>> = {
  sum: a.mul(sum(b)),
  dot: a.mul(dot(a, b)),
  "sum and dot of values made on the way": a.mul(sum(a.abs())).mul(dot(b.mul(0.5), b)),
};

const floats = dtypes.filter((dtype) => arithmeticOf(dtype) !== undefined);

/** Every type as an input of either kind and as an output. */
const layouts: readonly Layout[] = floats.flatMap((first) =>
  floats.flatMap((output) => [
    { inputs: [first, first], output },
    { inputs: [first, floats[(floats.indexOf(output) + 1) % floats.length]!], output },
  ]),
);

/** Every length up to a few steps of a kernel, and the edges of blocks. */
const shortLengths = Array.from({ length: 71 }, (_, length) => length);
const edgeLengths = [BLOCK_ELEMENTS - 1, BLOCK_ELEMENTS, BLOCK_ELEMENTS + 1, 2 * BLOCK_ELEMENTS + 17];

const CAPACITY_BYTES = 8 * 1024 * 1024;

interface Outcome {
  readonly output: Uint8Array;
  readonly partials: readonly Float64Array[];
}

async function run(
  backend: Backend,
  pass: Pass,
  inputs: readonly Uint8Array[],
  elements: number,
): Promise<Outcome> {
  const kernel = await backend.compile(pass.structure, pass.layout);
  const buffers = backend.buffersFor(pass.layout, elements);
  buffers.inputs.forEach((buffer, index) => buffer.set(inputs[index]!.subarray(0, buffer.length)));
  const partials = await kernel.run(elements, pass.scalars);
  return { output: buffers.output.slice(), partials };
}

interface Pass {
  readonly structure: Structure;
  readonly scalars: readonly number[];
  readonly layout: Layout;
}

function passesOf(formula: Tensor, layout: Layout): readonly Pass[] {
  return lower(formula).map(({ structure, scalars }) => ({
    structure,
    // Any numbers do for what an earlier pass would have reduced.
    scalars: scalars.map((scalar, slot) => (scalar.kind === "constant" ? scalar.value : slot + 0.7)),
    layout,
  }));
}

function inputsFor(layout: Layout, elements: number, seed: number): readonly Uint8Array[] {
  return layout.inputs.map((dtype, index) => {
    const bytes = randomBytes((elements * bitsOf(dtype)) / 8, seed + index);
    plantSpecials(bytes, dtype);
    return bytes;
  });
}

/** Zeros, infinities, the smallest and largest of a type, and halves between two values of the 16-bit types. */
const specials = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  1,
  -1,
  5e-324,
  1.4e-45,
  2 ** -24,
  2 ** -25,
  2 ** -14,
  65504,
  65519,
  65520,
];
const halves = [
  1 + 2 ** -8,
  1 + 3 * 2 ** -8,
  1 + 2 ** -11,
  1 + 2 ** -8 + 2 ** -40,
  1 + 2 ** -11 + 2 ** -40,
  3.4e38,
];

function plantSpecials(bytes: Uint8Array, dtype: DType): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bitsOf(dtype) / 8;
  [...specials, ...halves].forEach((value, index) => {
    const at = index * 3 * width;
    if (at + width <= bytes.length) arithmeticOf(dtype)!.encode(view, at, value);
  });
}

describe.each(Object.entries(backends).filter(([name]) => name !== "reference"))("%s", (_, create) => {
  const backend = create(CAPACITY_BYTES);
  const reference = backends.reference();

  async function expectEqual(formula: Tensor, layout: Layout, elements: number, seed: number): Promise<void> {
    const inputs = inputsFor(layout, elements, seed);
    for (const pass of passesOf(formula, layout)) {
      const expected = await run(reference, pass, inputs, elements);
      const actual = await run(backend, pass, inputs, elements);
      if (pass.structure.emit !== undefined) expectSameBytes(actual.output, expected.output, layout);
      expect(actual.partials.map(bits)).toEqual(expected.partials.map(bits));
    }
  }

  test.each(Object.entries(formulas))("%s equals the reference bit for bit", async (_name, formula) => {
    for (const layout of layouts) await expectEqual(formula, layout, 333, 11);
  });

  test.each(Object.entries(reductions))("%s reduces to the same bits", async (_name, formula) => {
    for (const layout of layouts) await expectEqual(formula, layout, 333, 12);
    for (const length of edgeLengths)
      await expectEqual(formula, { inputs: ["BF16", "F32"], output: "BF16" }, length, 13);
  });

  test.each(layouts.map((layout) => [`${layout.inputs.join("+")} -> ${layout.output}`, layout] as const))(
    "all short lengths, %s",
    async (_name, layout) => {
      for (const length of shortLengths) {
        await expectEqual(formulas["weighted differences"]!, layout, length, length);
        await expectEqual(reductions["dot"]!, layout, length, length);
      }
    },
  );

  test.each(edgeLengths)("%i elements, at the edge of a block", async (length) => {
    await expectEqual(formulas["weighted sum"]!, { inputs: ["BF16", "BF16"], output: "BF16" }, length, 3);
    await expectEqual(formulas["weighted sum"]!, { inputs: ["F16", "F32"], output: "F16" }, length, 4);
  });

  test.each(floats)("every 16-bit pattern survives %s", async (output) => {
    for (const first of ["F16", "BF16"] as const) {
      const patterns = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, code) => code).buffer);
      const [pass] = passesOf(a, { inputs: [first], output });
      const expected = await run(reference, pass!, [patterns], 65_536);
      const actual = await run(backend, pass!, [patterns], 65_536);
      expectSameBytes(actual.output, expected.output, pass!.layout);
    }
  });

  test("writes nothing outside its output", async () => {
    const layout: Layout = { inputs: ["F32", "BF16"], output: "F16" };
    for (const elements of [1, 15, 16, 17, 63, 64, 65, 1000]) {
      const [pass] = passesOf(formulas["weighted sum"]!, layout);
      const kernel = await backend.compile(pass!.structure, layout);
      const { output } = backend.buffersFor(layout, elements);
      const memory = new Uint8Array(output.buffer);
      memory.fill(0xa5);
      await kernel.run(elements, pass!.scalars);
      const end = output.byteOffset + Math.ceil(output.byteLength / 128) * 128;
      expect(memory.subarray(0, output.byteOffset).every((byte) => byte === 0xa5)).toBe(true);
      expect(memory.subarray(end).every((byte) => byte === 0xa5)).toBe(true);
    }
  });
});

function bits(partials: Float64Array): readonly string[] {
  // All NaN are alike: which one an addition makes differs between processors.
  return Array.from(partials, (value) => (Object.is(value, -0) ? "-0" : String(value)));
}

function expectSameBytes(actual: Uint8Array, expected: Uint8Array, layout: Layout): void {
  if (Buffer.from(actual).equals(Buffer.from(expected))) return;
  const width = bitsOf(layout.output) / 8;
  const at = Math.floor(actual.findIndex((byte, index) => byte !== expected[index]) / width);
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(at * width, (at + 1) * width)).toString("hex");
  expect.fail(
    `element ${at} of ${layout.inputs.join("+")} -> ${layout.output}: ${hex(actual)}, not ${hex(expected)}`,
  );
}
