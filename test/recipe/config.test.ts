import { describe, expect, test } from "vitest";

import { parseRequest } from "../../src/recipe/config.ts";
import { complete, context, problemsOf } from "./context.ts";

const parse = (config: object): ReturnType<typeof parseRequest> => parseRequest(config, context);

test("the smallest configuration is an average of equal weights", () => {
  expect(parse(complete)).toEqual({
    recipe: {
      models: [{ path: "/here/a" }, { path: "/here/b" }],
      combination: { merge: { method: "linear", parameters: { weight: [1, 1], normalize: true } } },
      prefix: "model",
      maxShardBytes: 5e9,
      modelCard: true,
      seed: 42,
    },
    settings: {
      outputPath: "/here/out",
      workers: 1,
      memoryBytes: 256e6,
      allowNonFinite: false,
      writeReport: false,
      resume: false,
      overwrite: false,
      strict: false,
    },
    notices: [],
  });
});

test("everything given, as the strings of a command line", () => {
  const config = {
    ...complete,
    base_model_path: "/base",
    merge_method: "dare_ties",
    merge_prefix: "master_weights",
    weight_list: ["0.3", "-0.5"],
    normalize: "False",
    reserve_p: "0.25",
    rescale: "no",
    ties_elect_type: "count",
    allow_non_finite: "yes",
    report: "1",
    strict: "true",
    dtype: "bfloat16",
    max_shard_size: "2GB",
    copy_file_list: ["config.json"],
    model_card: "no",
    seed: "7",
    n_process: "auto",
    max_memory: "1GiB",
    device: "cpu",
    tensor_type: "pd",
  };
  expect(parse(config)).toEqual({
    recipe: {
      models: [{ path: "/here/a" }, { path: "/here/b" }],
      base: { path: "/base" },
      combination: {
        sparsify: { method: "dare", parameters: { reserve: 0.25, rescale: false } },
        merge: { method: "ties", parameters: { weight: [0.3, -0.5], elect: "count", normalize: false } },
      },
      prefix: "master_weights",
      dtype: "BF16",
      maxShardBytes: 2e9,
      companions: ["config.json"],
      modelCard: false,
      seed: 7,
    },
    settings: {
      outputPath: "/here/out",
      workers: 8,
      memoryBytes: 2 ** 30,
      allowNonFinite: true,
      writeReport: true,
      resume: false,
      overwrite: false,
      strict: true,
    },
    notices: [],
  });
});

describe("models and output", () => {
  test("what is missing is named, all of it", () => {
    expect(problemsOf(() => parse({}))).toEqual([
      {
        code: "request/missing-value",
        key: "model_path_list",
        message: "is missing",
        hint: "name the models to merge",
      },
      {
        code: "request/missing-value",
        key: "output_path",
        message: "is missing",
        hint: "name a folder to create for the merged model",
      },
    ]);
  });

  test("model_path_str is the same as model_path_list", () => {
    const { models } = parse({ model_path_str: "a,b", output_path: "out" }).recipe;
    expect(models).toEqual([{ path: "/here/a" }, { path: "/here/b" }]);
    expect(parse({ ...complete, model_path_str: "a, b" }).recipe.models).toEqual(models);
  });

  test("model_path_str with other models is a contradiction", () => {
    expect(problemsOf(() => parse({ ...complete, model_path_str: "a,c" }))).toEqual([
      {
        code: "request/contradiction",
        key: "model_path_str",
        message: 'names ["a","c"], but model_path_list names ["a","b"]',
        hint: "leave one of the two out",
      },
    ]);
  });

  test.each([
    [["a"], "linear", "linear takes at least 2 models, got 1"],
    [["a"], "dare_ties", "ties takes at least 2 models, got 1"],
    [["a"], "slerp", "slerp takes exactly 2 models, got 1"],
    [["a", "b", "c"], "slerp", "slerp takes exactly 2 models, got 3"],
  ])("%j are refused for %s", (model_path_list, merge_method, message) => {
    const config = { ...complete, model_path_list, merge_method };
    expect(problemsOf(() => parse(config))).toEqual([
      { code: "request/invalid-value", key: "model_path_list", message },
    ]);
  });

  test("models that were typed with commas have a hint", () => {
    const config = { ...complete, model_path_list: ["a,b"] };
    expect(problemsOf(() => parse(config))).toMatchObject([
      { key: "model_path_list", hint: expect.stringContaining("--model_path_str") },
    ]);
  });

  test.each([
    ["a", "/here/a is one of the inputs"],
    ["b/merged", "/here/b/merged is inside the input /here/b"],
    ["/base", "/base is one of the inputs"],
    ["/base/x/y", "/base/x/y is inside the input /base"],
  ])("the output %s is refused", (output_path, message) => {
    const config = { ...complete, base_model_path: "/base", output_path };
    expect(problemsOf(() => parse(config))).toMatchObject([{ code: "output/is-input", message }]);
  });

  test("an output whose name begins like an input's is no part of it", () => {
    expect(parse({ ...complete, output_path: "ab" }).settings.outputPath).toBe("/here/ab");
  });

  test("a base that is merged as well is told of", () => {
    expect(parse({ ...complete, base_model_path: "a" }).notices).toEqual([
      "The base /here/a is also one of the models: its difference to itself, zero, is merged with the others'.",
    ]);
  });
});

describe("weights", () => {
  test("given weights are used as they are", () => {
    expect(parse({ ...complete, weight_list: [2, 3] }).recipe.combination.merge.parameters).toEqual({
      weight: [2, 3],
      normalize: false,
    });
  });

  test("equal weights are normalised, also against the user's word", () => {
    const { recipe, notices } = parse({ ...complete, normalize: false });
    expect(recipe.combination.merge.parameters).toEqual({ weight: [1, 1], normalize: true });
    expect(notices).toEqual([
      "normalize false has no effect without weight_list: equal weights are always normalised.",
    ]);
  });

  test("one for each model", () => {
    expect(problemsOf(() => parse({ ...complete, weight_list: [1, 2, 3] }))).toEqual([
      {
        code: "request/invalid-value",
        key: "weight_list",
        message: "expected one number for each of the 2 models, got 3",
      },
    ]);
  });

  test.each([
    [[1, -1], 0],
    [[0, 0], 0],
    [[1e308, 1e308], Infinity],
    [[0.1, 0.2, -0.3], 0.1 + 0.2 - 0.3],
  ])("%j cannot be normalised", (weight_list, sum) => {
    const config = { ...complete, model_path_list: ["a", "b", "c"].slice(0, weight_list.length) };
    expect(problemsOf(() => parse({ ...config, weight_list, normalize: true }))).toMatchObject([
      { key: "weight_list", message: expect.stringContaining(`add up to ${sum},`) as string },
    ]);
  });

  test("a small sum that is meant can be", () => {
    const weight_list = [1, -1 + 1e-9];
    const { merge } = parse({ ...complete, weight_list, normalize: true }).recipe.combination;
    expect(merge.parameters["weight"]).toEqual(weight_list);
  });
});

test("what to do about an earlier attempt and an old output is said by switches", () => {
  expect(parse(complete).settings).toMatchObject({ overwrite: false, resume: false });
  expect(parse({ ...complete, overwrite: true, resume: "yes" }).settings).toMatchObject({
    overwrite: true,
    resume: true,
  });
});

test("a GPU computes when the device is one and the arithmetic is its", () => {
  const gpuOf = (flags: object): unknown => parse({ ...complete, ...flags }).settings.gpu;
  expect(gpuOf({ device: "gpu", tensor_type: "pd" })).toEqual({ fallback: false });
  expect(gpuOf({ device: "low_gpu_mem", tensor_type: "pd", fallback: true })).toEqual({
    memoryBytes: 256_000_000,
    fallback: true,
  });
  const bounded = { device: "low_gpu_mem", tensor_type: "pd", gpu_memory: "64MB" };
  expect(gpuOf(bounded)).toEqual({ memoryBytes: 64_000_000, fallback: false });
  expect(gpuOf({ device: "gpu", tensor_type: "np" })).toBeUndefined();
  expect(gpuOf({ device: "cpu", tensor_type: "pd" })).toBeUndefined();
});

test("all problems come at once, each once", () => {
  const config = {
    model_path_list: ["a", "b"],
    output_path: "a",
    slerp_alhpa: 0.3,
    merge_method: "slerp",
    merge_type: "ties",
    device: "tpu",
    weight_list: [1],
    seed: -1,
  };
  expect(problemsOf(() => parse(config)).map(({ code, key }) => [code, key])).toEqual([
    ["request/unknown-key", "slerp_alhpa"],
    ["request/invalid-value", "seed"],
    ["request/invalid-value", "device"],
    ["output/is-input", "output_path"],
    ["request/contradiction", "merge_type"],
  ]);
});

test("a list of models that was refused is neither missing nor too short", () => {
  const config = { output_path: "out", model_path_list: "a b", weight_list: [1, 2, 3] };
  expect(problemsOf(() => parse(config)).map(({ key }) => key)).toEqual(["model_path_list"]);
});
