import { describe, expect, test } from "vitest";
import { describeProblem } from "../../../src/errors.ts";
import type { Request } from "../../../src/recipe/recipe.ts";
import { parseFileRequest } from "../../../src/recipe/yaml/request.ts";
import { refusal } from "../../support/refusal.ts";
import { context } from "./parsing.ts";

const recipe = "merge_method: karcher\nmodels: [{ model: a }, { model: b }]\n";

async function requestOf(text: string, flags: object): Promise<Request> {
  return parseFileRequest(text, "r.yml", flags, { ...context(), cores: 8 });
}

async function problemsOf(text: string, flags: object): Promise<readonly string[]> {
  return (await refusal(requestOf(text, flags))).problems.map(describeProblem);
}

test("flags say where the output goes and how the work is done", async () => {
  const flags = {
    output_path: "out",
    n_process: "auto",
    max_memory: "1GB",
    resume: true,
    overwrite: true,
    report: true,
  };
  expect((await requestOf(recipe, { ...flags, strict: true, allow_non_finite: true })).settings).toEqual({
    outputPath: "/here/out",
    workers: 8,
    memoryBytes: 1e9,
    allowNonFinite: true,
    writeReport: true,
    resume: true,
    overwrite: true,
    strict: true,
  });
});

test("flags say what of the output no recipe says", async () => {
  const flags = {
    output_path: "out",
    seed: 7,
    max_shard_size: "1GB",
    model_card: false,
    copy_file_list: ["x.json"],
    merge_prefix: "master_weights",
  };
  expect((await requestOf(recipe, flags)).recipe).toMatchObject({
    seed: 7,
    maxShardBytes: 1e9,
    modelCard: false,
    companions: ["x.json"],
    prefix: "master_weights",
  });
  expect((await requestOf(recipe, { output_path: "out" })).recipe).toMatchObject({
    seed: 42,
    maxShardBytes: 5e9,
    modelCard: true,
  });
});

test.each([
  { merge_method: "linear" },
  { sparsify_type: "trim" },
  { model_path_list: ["a"] },
  { model_path_str: "a,b" },
  { base_model_path: "a" },
  { lora_model_path: "a" },
  { weight_list: [1, 2] },
  { normalize: true },
  { reserve_p: 0.5 },
  { epsilon: 0.1 },
])("%j says what is merged, as the file does, and is refused", async (flag) => {
  expect(await problemsOf(recipe, { output_path: "out", ...flag })).toEqual([
    `--${Object.keys(flag)[0]}: says what is merged, which the recipe file says already (leave it out, or edit the recipe)`,
  ]);
});

describe("dtype", () => {
  test("may be said by a flag where the file says none", async () => {
    expect((await requestOf(recipe, { output_path: "out", dtype: "bfloat16" })).recipe.dtype).toBe("BF16");
    expect((await requestOf(`${recipe}dtype: bfloat16`, { output_path: "out" })).recipe.dtype).toBe("BF16");
    expect(
      (await requestOf(`${recipe}dtype: bfloat16`, { output_path: "out", dtype: "BF16" })).recipe.dtype,
    ).toBe("BF16");
  });

  test("may not be said twice", async () => {
    expect(await problemsOf(`${recipe}out_dtype: float16`, { output_path: "out", dtype: "BF16" })).toEqual([
      '--dtype: is "BF16", but the recipe file says "F16" (leave one of the two out)',
    ]);
  });
});

test("the output may not be an input, wherever in the recipe that is named", async () => {
  expect(await problemsOf(recipe, { output_path: "b" })).toEqual([
    expect.stringContaining("/here/b is one of the inputs"),
  ]);
  const sliced = `merge_method: slerp\nbase_model: a\nslices:
  - sources: [{ model: a, layer_range: [0, 1] }, { model: b, layer_range: [0, 1] }]
  - sources: [{ model: c, layer_range: [0, 1] }, { model: d, layer_range: [0, 1] }]
    base_model: d\nparameters: { t: 0 }`;
  expect(await problemsOf(sliced, { output_path: "d/x" })).toEqual([
    expect.stringContaining("inside the input /here/d"),
  ]);
});

test("a missing output, unknown flags and the file's problems are told together", async () => {
  expect(await problemsOf(`${recipe}dtyp: float16`, { sed: 1 })).toEqual([
    "--sed: there is no such flag (did you mean --seed?)",
    "--output_path: is missing (name a folder to create for the merged model)",
    'r.yml:3:1: a recipe has no key "dtyp" (did you mean dtype?)',
  ]);
});

test("what is merged first is part of the recipe, with the same seed", async () => {
  const text = `name: x\n${recipe}---\nmerge_method: karcher\nmodels: [{ model: x }, { model: c }]\n`;
  const { recipe: whole } = await requestOf(text, { output_path: "out", seed: 3, dtype: "F32" });
  expect(whole.merges).toEqual([
    {
      name: "x",
      recipe: expect.objectContaining({
        seed: 3,
        models: [{ path: "/here/a" }, { path: "/here/b" }],
      }) as object,
    },
  ]);
  expect(whole.dtype).toBe("F32");
  expect(whole.merges?.[0]?.recipe).not.toHaveProperty("dtype");
});

test("notices of the flags and of the file are told together", async () => {
  const { notices } = await requestOf(`${recipe}dtype: float32\nout_dtype: float16`, {
    output_path: "out",
    split_pieces: 4,
  });
  expect(notices).toEqual([
    expect.stringContaining("split_pieces has no effect"),
    expect.stringContaining("r.yml:3:1: dtype has no effect"),
  ]);
});
