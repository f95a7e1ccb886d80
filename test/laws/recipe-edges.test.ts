import { describe, expect, test } from "vitest";

import { methods, sparsifiers } from "../../src/methods/index.ts";
import { withDefaults } from "../../src/methods/parameters.ts";
import { recipeMethods } from "../../src/methods/recipe-methods.ts";
import { mergeRecipe, type RecipeInput } from "../support/recipe-merging.ts";

const a = [3, -1, 0.5, 2];
const b = [1, 4, -2, 0.25];
const zeros = [0, 0, 0, 0];

async function expectMerge(input: RecipeInput, wanted: readonly number[]): Promise<void> {
  const found = [...(await mergeRecipe(input))];
  const isNear = (value: number, at: number): boolean => Math.abs(value - wanted[at]!) <= 2e-6;
  expect(found.every(isNear), `${found.join(", ")} should be ${wanted.join(", ")}`).toBe(true);
}

function times(factor: number, values: readonly number[]): readonly number[] {
  return values.map((value) => value * factor);
}

function sum(...all: readonly (readonly number[])[]): readonly number[] {
  return all[0]!.map((_, at) => all.reduce((total, values) => total + values[at]!, 0));
}

describe("opposite vectors", () => {
  test.each([true, false])("lie on a line to nuslerp, flattened %s", async (flatten) => {
    const parameters = { weight: [3, 1], nuslerp_flatten: flatten };
    const models = [a, times(-2, a)];
    await expectMerge({ method: "nuslerp", parameters, models }, times(0.75 - 0.5, a));
  });

  test("have no mean direction: multislerp sums them up", async () => {
    await expectMerge(
      { method: "multislerp", parameters: { weight: [1, 1] }, models: [a, times(-1, a)] },
      zeros,
    );
    const three = [a, times(-0.5, a), zeros];
    await expectMerge(
      { method: "multislerp", parameters: { weight: [1, 1, 2] }, models: three },
      times(1 / 8, a),
    );
  });

  test("have no middle: karcher gives the first, as long as they are on average", async () => {
    await expectMerge({ method: "karcher", models: [a, times(-3, a)] }, times(2, a));
  });

  test("tell model_stock nothing", async () => {
    await expectMerge({ method: "model_stock", base: b, models: [sum(b, a), sum(b, times(-1, a))] }, b);
  });
});

describe("zero vectors", () => {
  test("are at right angles to all others", async () => {
    const half = Math.SQRT1_2;
    await expectMerge({ method: "slerp", parameters: { t: 0.5 }, base: zeros, models: [a] }, times(half, a));
    const models = [a, zeros];
    await expectMerge({ method: "nuslerp", parameters: { weight: [1, 1] }, models }, times(half, a));
  });

  test("count for karcher's mean length alone", async () => {
    await expectMerge({ method: "karcher", models: [a, zeros] }, times(0.5, a));
    await expectMerge({ method: "karcher", models: [zeros, zeros] }, zeros);
  });

  test("as differences leave the base", async () => {
    for (const method of ["model_stock", "sce", "ram", "ramplus_tl"]) {
      await expectMerge({ method, base: a, models: [a, a] }, a);
    }
    const parameters = { weight: [1, 1], density: 0.5, rescale: true };
    for (const method of ["ties", "dare_ties", "della_linear", "breadcrumbs"]) {
      await expectMerge({ method, parameters, base: a, models: [a, a] }, a);
    }
  });
});

describe("identical models", () => {
  test.each(["linear", "nuslerp", "multislerp", "karcher"])("%s gives them back", async (method) => {
    const weighs = "weight" in recipeMethods.get(method)!.parameters;
    await expectMerge({ method, parameters: weighs ? { weight: [0.3, 0.9] } : {}, models: [a, a] }, a);
  });

  test.each([
    ["model_stock", {}],
    ["sce", {}],
    ["ram", {}],
    ["ties", { weight: [2, 1] }],
    ["task_arithmetic", { weight: [2, 1], normalize: true }],
  ])("%s gives them back, whatever the base", async (method, parameters) => {
    await expectMerge({ method, parameters, base: b, models: [a, a] }, a);
  });

  test("nothing varies among them: sce selects nothing of them", async () => {
    const models = [a, a, a];
    await expectMerge({ method: "sce", parameters: { select_topk: 0.5 }, base: b, models }, b);
  });

  test("arcee_fusion gives them back", async () => {
    await expectMerge({ method: "arcee_fusion", base: a, models: [a] }, a);
  });
});

describe("one model", () => {
  test("is the result of methods that mix directions and differences", async () => {
    await expectMerge({ method: "multislerp", parameters: { weight: [5] }, base: b, models: [a] }, a);
    await expectMerge({ method: "nuslerp", parameters: { weight: [5] }, base: b, models: [a] }, a);
    for (const method of ["sce", "ram"]) await expectMerge({ method, base: b, models: [a] }, a);
  });
});

describe("counts of zero", () => {
  const models = [sum(b, [1, -2, 3, -4])];
  const weight = [1];

  test.each(["ties", "dare_ties", "della", "breadcrumbs", "breadcrumbs_ties"])(
    "%s that keeps nothing leaves the base",
    async (method) => {
      const densities = method.startsWith("breadcrumbs") ? [0, 0.2] : [0];
      for (const density of densities) {
        for (const rescale of [true, false]) {
          await expectMerge({ method, parameters: { weight, density, rescale }, base: b, models }, b);
        }
      }
    },
  );

  test("ties keeps an element of a share above 0, the largest", async () => {
    const parameters = { weight, density: 0.2 };
    const merged = { method: "ties", base: b, models };
    await expectMerge({ ...merged, parameters }, sum(b, [0, 0, 0, -4]));
    await expectMerge({ ...merged, parameters: { ...parameters, rescale: true } }, sum(b, [0, 0, 0, -10]));
  });

  test.each(["ties", "dare_linear", "della_linear", "breadcrumbs"])(
    "%s that keeps everything is task arithmetic",
    async (method) => {
      for (const density of [1, 1.5]) {
        await expectMerge({ method, parameters: { weight, density }, base: b, models }, models[0]!);
      }
    },
  );

  test("breadcrumbs without outliers keeps the largest", async () => {
    const parameters = { weight, density: 0.5, gamma: 0 };
    await expectMerge({ method: "breadcrumbs", parameters, base: b, models }, sum(b, [0, 0, 3, -4]));
  });

  test("breadcrumbs drops no more outliers than density leaves", async () => {
    const parameters = { weight, density: 0.75, gamma: 0.9 };
    await expectMerge({ method: "breadcrumbs", parameters, base: b, models }, sum(b, [1, -2, 3, 0]));
  });

  test("elements of equal magnitude are kept or dropped together", async () => {
    const equal = [sum(b, [1, -1, 1, 5])];
    const kept = { weight, density: 0.5 };
    await expectMerge({ method: "ties", parameters: kept, base: b, models: equal }, equal[0]!);
    const least = { weight, density: 0.25, gamma: 0.25 };
    await expectMerge(
      { method: "breadcrumbs", parameters: least, base: b, models: equal },
      sum(b, [1, -1, 1, 0]),
    );
  });

  test("sce that selects nothing leaves the base", async () => {
    const both = [...models, sum(b, [4, 3, -2, 1])];
    await expectMerge({ method: "sce", parameters: { select_topk: 0 }, base: b, models: both }, b);
  });

  test("nearswap goes nowhere with t 0, and all the way with a large one", async () => {
    await expectMerge({ method: "nearswap", parameters: { t: 0 }, base: b, models }, b);
    await expectMerge({ method: "nearswap", parameters: { t: 100 }, base: b, models }, models[0]!);
  });
});

test("weights that cancel each other are not divided by", async () => {
  const parameters = { weight: [1, -1], normalize: true };
  const wanted = sum(a, times(-1, b));
  await expectMerge({ method: "linear", parameters, models: [a, b] }, wanted);
  const differences = { method: "task_arithmetic", parameters, base: zeros, models: [a, b] };
  await expectMerge(differences, wanted);
});

test("each model is thinned out by its own density", async () => {
  const models = [sum(b, [1, 2, 3, 4]), sum(b, [40, 30, 20, 10])];
  const parameters = { weight: [1, 1], density: [0.25, 0.5], normalize: false };
  await expectMerge({ method: "ties", parameters, base: b, models }, sum(b, [40, 30, 0, 4]));
});

test("della refuses probabilities beyond 0 and 1, but for those that need none", () => {
  const { sparsify } = recipeMethods.get("della")!;
  const magprune = sparsifiers.get(sparsify!.method)!;
  const conflict = (reserve: number): string | undefined =>
    magprune.conflict!(withDefaults(magprune.parameters, { ...sparsify!.values, reserve, epsilon: 0.15 }, 1));
  for (const reserve of [0.15, 0.1, 0.85, 0.9]) expect(conflict(reserve)).toContain(`${reserve}`);
  for (const reserve of [0, 0.16, 0.84, 1, 2]) expect(conflict(reserve)).toBeUndefined();
});

test("what recipes set are parameters that the steps have", () => {
  for (const { sparsify, merge, parameters } of recipeMethods.values()) {
    for (const { step, parameter } of Object.values(parameters)) {
      const rule = step === "merge" ? methods.get(merge.method) : sparsifiers.get(sparsify!.method);
      expect(Object.keys(rule!.parameters)).toContain(parameter);
    }
    const own = [...Object.keys(sparsify?.values ?? {}), ...Object.keys(merge.values)];
    const declared = {
      ...methods.get(merge.method)!.parameters,
      ...sparsifiers.get(sparsify?.method ?? "")?.parameters,
    };
    expect(Object.keys(declared)).toEqual(expect.arrayContaining(own));
  }
});
