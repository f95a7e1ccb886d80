import { merge, type TensorweldError } from "tensorweld";
import { expect, test } from "vitest";
import { mergeTensor, noticesOf } from "../support/merging.ts";

type Config = Parameters<typeof merge>[0];

/** What a merge of `models` models is refused with before any file is looked for: one text for each problem. */
async function refusalOf(flags: Config, models = 2): Promise<readonly string[]> {
  const paths = Array.from({ length: models }, (_, index) => `/nowhere/model-${index}`);
  const merged = merge({ model_path_list: paths, output_path: "/nowhere/output", ...flags });
  const error = await merged.then(
    () => expect.fail("it should have been refused"),
    (error: unknown) => error as TensorweldError,
  );
  expect(error.outcome).toBe("refused");
  expect(error.problems.every(({ code }) => code.startsWith("request/"))).toBe(true);
  return error.problems.map(({ key = "", message }) => `${key} ${message}`);
}

/** Methods that drop elements, by every name they go under. */
const dropping: readonly Config[] = [
  { merge_method: "ties" },
  { merge_method: "dare_linear" },
  { merge_method: "dare_ties" },
  { merge_method: "della" },
  { merge_method: "della_linear" },
  { sparsify_type: "trim", merge_type: "slerp" },
];

test.each(dropping)("a share to keep of 0, below 0 or above 1 is refused: %j", async (flags) => {
  for (const reserve of [0, -0.25, 1.5]) {
    const refusal = await refusalOf({ ...flags, reserve_p: reserve });
    expect(refusal).toHaveLength(1);
    expect(refusal[0]).toContain("reserve_p");
    expect(refusal[0]).toContain(`got ${reserve}`);
  }
});

test.each([
  [0.95, 0.14],
  [0.93, 0.14],
  [0.07, 0.14],
  [0.05, 0.14],
  [0.25, 0.5],
  [1, 0],
])("magprune with reserve_p %d and epsilon %d is refused with both", async (reserve, epsilon) => {
  for (const flags of [
    { merge_method: "della" },
    { sparsify_type: "magprune", merge_type: "slerp" },
  ] as const) {
    const refusal = await refusalOf({ ...flags, reserve_p: reserve, epsilon });
    expect(refusal).toHaveLength(1);
    for (const part of ["reserve_p", reserve, "epsilon", epsilon]) expect(refusal[0]).toContain(String(part));
  }
});

test.each([-0.1, 1, 2])("an epsilon of %d is refused by itself", async (epsilon) => {
  const refusal = await refusalOf({ merge_method: "della_linear", epsilon });
  expect(refusal.join("\n")).toContain("epsilon");
  expect(refusal.join("\n")).toContain(String(epsilon));
});

test.each([
  [0.86, 0.14],
  [0.929, 0.14],
  [0.071, 0.14],
  [0.5, 0.999],
])("magprune with reserve_p %d and epsilon %d is accepted", async (reserve, epsilon) => {
  const flags = { merge_method: "della", reserve_p: reserve, epsilon } as const;
  expect(await mergeTensor([[1], [1]], flags)).toHaveLength(1);
});

test.each([1, 3, 5])("slerp of %d models is refused with the number", async (models) => {
  const refusal = await refusalOf({ merge_method: "slerp" }, models);
  expect(refusal.join("\n")).toContain("slerp");
  expect(refusal.join("\n")).toMatch(new RegExp(`2 .*${models}`));
});

test.each<Config>([
  { slerp_alpha: -0.1 },
  { slerp_alpha: 1.5 },
  { slerp_dot_threshold: -1 },
  { slerp_dot_threshold: 1.25 },
  { slerp_normalize_eps: -1e-9 },
])("slerp with %j is refused with the number", async (flags) => {
  const [[key, value]] = Object.entries(flags) as [[string, number]];
  const refusal = await refusalOf({ merge_method: "slerp", ...flags });
  expect(refusal).toEqual([expect.stringMatching(`${key}.*got ${value}`)]);
});

test.each(["linear", "ties", "dare_linear", "dare_ties", "della", "della_linear"] as const)(
  "weights of %s: as many as models, and no sum of 0 to divide by",
  async (method) => {
    const few = await refusalOf({ merge_method: method, weight_list: [1, 2] }, 3);
    expect(few).toEqual([expect.stringMatching(/weight_list.*\b3\b.*\b2\b/)]);
    for (const weights of [
      [1, -1],
      [0, 0],
    ]) {
      const zero = await refusalOf({ merge_method: method, weight_list: weights, normalize: true });
      expect(zero).toEqual([expect.stringMatching(/weight_list.*\b0\b/)]);
      for (const weight of weights) expect(zero[0]).toContain(String(weight));
    }
    const cancelling = { merge_method: method, weight_list: [1, -1], normalize: false, reserve_p: 0.9 };
    expect(await mergeTensor([[3], [3]], cancelling)).toHaveLength(1);
  },
);

test("all that is wrong is told at once", async () => {
  const flags = { merge_method: "della", reserve_p: 1.5, weight_list: [1], epsilon: -1 } as const;
  const refusal = await refusalOf(flags);
  for (const key of ["reserve_p", "weight_list", "epsilon"]) {
    expect(refusal.filter((text) => text.startsWith(key))).toHaveLength(1);
  }
});

test("sparsifying without a base goes on, with a warning that names the flag", async () => {
  const tensors = { w: [1, 2, 3] };
  for (const flags of dropping) {
    const without = await noticesOf({ models: [tensors, tensors] }, flags);
    expect(without.some((notice) => notice.includes("base_model_path"))).toBe(true);
    const based = await noticesOf({ models: [tensors, tensors], base: tensors }, flags);
    expect(based.some((notice) => notice.includes("base_model_path"))).toBe(false);
  }
});
