import { describe, expect, test } from "vitest";

import { parseRequest } from "../../src/recipe/config.ts";
import { complete, context } from "./context.ts";

const parse = (config: object): ReturnType<typeof parseRequest> => parseRequest(config, context);

describe("sparsifying without a base", () => {
  const notice = (name: string): string =>
    `Without --base_model_path ${name} drops part of the models themselves, not of their changes to a base.`;

  test.each([
    [{ merge_method: "ties" }, "trim"],
    [{ merge_method: "della" }, "magprune"],
    [{ sparsify_type: "dare", merge_type: "slerp" }, "dare"],
  ])("%j is told of", (method, sparsifier) => {
    expect(parse({ ...complete, ...method }).notices).toEqual([notice(sparsifier)]);
    expect(parse({ ...complete, ...method, base_model_path: "base" }).notices).toEqual([]);
  });

  test.each([[{ merge_method: "slerp" }], [{ merge_type: "ties" }]])("%j drops nothing", (method) => {
    expect(parse({ ...complete, ...method }).notices).toEqual([]);
  });
});

describe("flags that do nothing here", () => {
  test("of other methods, unless they are at their default", () => {
    expect(
      parse({ ...complete, slerp_alpha: "0.3", ties_elect_type: "sum", rescale: false }).notices,
    ).toEqual(["slerp_alpha has no effect on linear.", "rescale has no effect on linear."]);
  });

  test.each([
    [{ merge_method: "dare_ties" }, ["slerp_alpha", "epsilon"], "dare_ties"],
    [{ merge_method: "della" }, ["slerp_alpha"], "della"],
    [
      { merge_method: "slerp" },
      ["weight_list", "ties_elect_type", "reserve_p", "rescale", "epsilon"],
      "slerp",
    ],
    [
      { sparsify_type: "trim", merge_type: "slerp" },
      ["weight_list", "ties_elect_type", "epsilon"],
      "trim + slerp",
    ],
    [{ merge_type: "ties" }, ["slerp_alpha", "reserve_p", "rescale", "epsilon"], "none + ties"],
  ])("%j: a flag has an effect if one of the two takes it", (method, idle, name) => {
    const everything = {
      base_model_path: "base",
      weight_list: [1, 2],
      slerp_alpha: 0.25,
      ties_elect_type: "count",
      reserve_p: 0.5,
      rescale: false,
      epsilon: 0.25,
    };
    const { notices } = parse({ ...complete, ...everything, ...method });
    expect(notices).toEqual(idle.map((flag) => `${flag} has no effect on ${name}.`));
  });

  test("of other tools", () => {
    expect(parse({ ...complete, max_tensor_mem: 0.5, split_pieces: 8 }).notices).toEqual([
      "max_tensor_mem has no effect: tensors of any size are read in pieces, and the result does not depend on the pieces.",
      "split_pieces has no effect: tensors of any size are read in pieces, and the result does not depend on the pieces.",
    ]);
  });

  test("a GPU, while the arithmetic is NumPy's", () => {
    expect(parse({ ...complete, device: "gpu" }).notices).toEqual([
      "device gpu has no effect with tensor_type np: the CPU is used.",
    ]);
    expect(parse({ ...complete, gpu_memory: "1GB", fallback: true }).notices).toEqual([
      "gpu_memory has no effect with device cpu: it bounds low_gpu_mem.",
      "fallback has no effect: the CPU is used anyway.",
    ]);
  });
});

describe("an input's model card that is asked for by name", () => {
  test.each(["README.md", "readme.md"])("is copied in place of one of the output's own: %s", (name) => {
    const { recipe, notices } = parse({ ...complete, copy_file_list: ["config.json", name] });
    expect(recipe.modelCard).toBe(false);
    expect(notices).toEqual([`copy_file_list names ${name}: it is copied, and no model card is written.`]);
  });

  test("needs no word where there was to be none", () => {
    const { notices } = parse({ ...complete, copy_file_list: ["README.md"], model_card: false });
    expect(notices).toEqual([]);
  });

  test("is refused where one of the output's own is asked for too", () => {
    const both = { ...complete, copy_file_list: ["README.md"], model_card: true };
    expect(() => parse(both)).toThrow("--model_card false");
  });
});
