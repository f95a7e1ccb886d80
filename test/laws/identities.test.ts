import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeTensors, type MergeInput, type Tensors } from "../support/merging.ts";

type Flags = Parameters<typeof mergeTensors>[1];

// A failure prints the counterexample; the seed makes it the same in every run.
const settings = { seed: 20_250_301, numRuns: 6 };

const LENGTHS = { one: 1, seven: 7, many: 40 };

/** Checkpoints of the same tensors, of numbers whose squares and sums stay clear of the ends of float32. */
function checkpoints(count: number): fc.Arbitrary<readonly Tensors[]> {
  const number = fc.oneof(
    { weight: 9, arbitrary: fc.float({ min: -100, max: 100, noNaN: true }) },
    fc.constantFrom(0, 1, -1),
  );
  const list = (length: number) => fc.array(number.map(flushed), { minLength: length, maxLength: length });
  const checkpoint = fc.record({
    one: list(LENGTHS.one),
    seven: list(LENGTHS.seven),
    many: list(LENGTHS.many),
  });
  return fc.array(checkpoint, { minLength: count, maxLength: count });
}

/** Numbers so small that trim and slerp treat their sums as zero have golden cases of their own. */
function flushed(value: number): number {
  return Math.abs(value) < 1e-4 ? 0 : value;
}

/** Checks that two merges agree to 4 units in the last place of the largest number at each place. */
function expectNear(
  found: ReadonlyMap<string, Float64Array>,
  wanted: Tensors,
  ...terms: readonly Tensors[]
): void {
  for (const [name, values] of found) {
    const off = [...values.keys()].filter((at) => {
      const target = wanted[name]![at]!;
      const largest = Math.max(...[wanted, ...terms].map((tensors) => Math.abs(tensors[name]![at]!)));
      return !(Math.abs(values[at]! - target) <= 4 * largest * 2 ** -23);
    });
    expect(off.map((at) => ({ name, at, found: values[at], wanted: wanted[name]![at] }))).toEqual([]);
  }
}

function plain(tensors: ReadonlyMap<string, Float64Array>): Tensors {
  return Object.fromEntries(tensors);
}

/** Merges that give back what all their models have in common. */
const idempotent: readonly Flags[] = [
  { merge_method: "linear" },
  { merge_method: "linear", weight_list: [3, 0.2], normalize: true },
  { merge_method: "slerp", slerp_alpha: 0.3 },
  { merge_method: "ties", reserve_p: 1 },
  { merge_method: "ties", reserve_p: 1, weight_list: [3, 0.2], normalize: true, ties_elect_type: "count" },
  { merge_method: "dare_linear", reserve_p: 1 },
  { merge_method: "dare_ties", reserve_p: 1, rescale: false },
  { merge_type: "slerp", sparsify_type: "trim", reserve_p: 1 },
];

test.each(idempotent)("a model merged with itself is itself: %j", async (flags) => {
  const property = fc.asyncProperty(checkpoints(2), fc.boolean(), async ([model, base], based) => {
    const input = { models: [model!, model!], ...(based && { base: base! }) };
    expectNear(await mergeTensors(input, flags), model!, ...(based ? [base!] : []));
  });
  await fc.assert(property, settings);
});

test.each<Flags>([
  { merge_method: "linear" },
  { merge_method: "ties", reserve_p: 1 },
  { merge_method: "dare_linear", reserve_p: 1 },
  { merge_type: "ties", ties_elect_type: "count" },
])("with weight 0 on all models but one, that one is the result: %j", async (flags) => {
  const property = fc.asyncProperty(checkpoints(3), fc.boolean(), async (models, normalize) => {
    const all = { ...flags, weight_list: [0, normalize ? 5 : 1, 0], normalize };
    expectNear(await mergeTensors({ models }, all), models[1]!);
  });
  await fc.assert(property, settings);
});

test.each<readonly [number, number]>([
  [0, 0],
  [1, 1],
])("slerp at %d is model %d", async (alpha, index) => {
  const property = fc.asyncProperty(checkpoints(3), fc.boolean(), async ([first, second, base], based) => {
    const input = { models: [first!, second!], ...(based && { base: base! }) };
    const merged = await mergeTensors(input, { merge_method: "slerp", slerp_alpha: alpha });
    expectNear(merged, input.models[index]!, ...(based ? [base!] : []));
  });
  await fc.assert(property, settings);
});

test.each<Flags>([
  { merge_method: "linear" },
  { merge_type: "linear", sparsify_type: "trim" },
  { merge_method: "slerp" },
])("the order of equal models shows in the order of summation only: %j", async (flags) => {
  const count = flags.merge_method === "slerp" ? 2 : 3;
  const property = fc.asyncProperty(checkpoints(count), async (models) => {
    const [forth, back] = [models, models.toReversed()].map((models) => mergeTensors({ models }, flags));
    // trim enlarges what it keeps, and an arc's ends may lie far from its middle.
    const enlarged = models.map((model) => scaled(model, flags.merge_method === "linear" ? 1 : 40));
    expectNear(await forth!, plain(await back!), ...enlarged);
  });
  await fc.assert(property, settings);
});

test.each(["sum", "count"])(
  "the order of equal models does not show in ties, elected by %s",
  async (elect) => {
    // Sums of eighths are exact: a draw is a draw in every order.
    const eighths = checkpoints(4).map((models) =>
      models.map((model) => mapped(model, (x) => Math.round(x * 8) / 8)),
    );
    const property = fc.asyncProperty(eighths, async (models) => {
      const flags = { merge_type: "ties", ties_elect_type: elect as "sum" | "count" };
      const [forth, back] = [models, models.toReversed()].map((models) => mergeTensors({ models }, flags));
      expect(await forth!).toEqual(await back!);
    });
    await fc.assert(property, settings);
  },
);

test("ties of equal models that keeps everything is linear", async () => {
  const property = fc.asyncProperty(checkpoints(2), fc.boolean(), async ([model, base], based) => {
    const input = { models: [model!, model!, model!], ...(based && { base: base! }) };
    const weights = { weight_list: [0.5, 2, 1], normalize: true };
    const ties = await mergeTensors(input, { merge_method: "ties", reserve_p: 1, ...weights });
    const linear = await mergeTensors(input, { merge_method: "linear", ...weights });
    expectNear(ties, plain(linear), model!, ...(based ? [base!] : []));
  });
  await fc.assert(property, settings);
});

/** Every way to put models together behind every way to thin them out. */
const combinations = ["none", "trim", "dare", "magprune"].flatMap((sparsify) =>
  ["linear", "ties", "slerp"].map((merge): Flags => ({ sparsify_type: sparsify, merge_type: merge })),
);

test.each(combinations)("a base of zeros is no base: %j", async (flags) => {
  const property = fc.asyncProperty(checkpoints(2), async (models) => {
    const base = mapped(models[0]!, () => 0);
    const [without, based] = [{ models }, { models, base }].map((input: MergeInput) =>
      mergeTensors(input, flags),
    );
    expectNear(await without!, plain(await based!));
  });
  await fc.assert(property, { ...settings, numRuns: 2 });
});

test.each(combinations)("models twice as large give twice the result: %j", async (flags) => {
  const property = fc.asyncProperty(checkpoints(2), async (models) => {
    const [single, double] = [models, models.map((model) => scaled(model, 2))].map((models) =>
      mergeTensors({ models }, flags),
    );
    expectNear(await double!, scaled(plain(await single!), 2));
  });
  await fc.assert(property, { ...settings, numRuns: 2 });
});

function mapped(tensors: Tensors, change: (value: number) => number): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [name, Array.from(values, (value) => change(value))]),
  );
}

function scaled(tensors: Tensors, factor: number): Tensors {
  return mapped(tensors, (value) => value * factor);
}
