import { describe, expect, test } from "vitest";

import { apply, open, paddleStorage, problemsOf } from "./small-adapter.ts";
import type { Shapes } from "./small-adapter.ts";

const factors: Shapes = { "llama.q.lora_A": [5, 2], "llama.q.lora_B": [2, 3] };

async function messagesFor(settings: object, shapes: Shapes = factors): Promise<readonly string[]> {
  const problems = await problemsOf(async () => open(paddleStorage(settings, shapes)));
  return problems.map(({ code, message }) => `${code}: ${message}`);
}

test("an update is A times B, of a weight that is [in, out]", async () => {
  const settings = {
    rslora: true,
    target_modules: [".*q"],
    trainable_modules: ["norm"],
    trainable_bias: "lora",
  };
  const adapter = await open(paddleStorage(settings, factors));
  expect(adapter).toMatchObject({
    library: "PaddleNLP",
    rsLora: true,
    targets: [".*q"],
    modulesToSave: ["norm"],
    bias: "lora",
  });
  expect(adapter.weights.changes).toEqual([
    {
      target: "llama.q.weight",
      shape: [5, 3],
      transposable: false,
      update: {
        rows: 5,
        columns: 3,
        rank: 2,
        scale: 4 / Math.sqrt(2),
        left: { tensor: expect.objectContaining({ name: "llama.q.lora_A" }), transposed: false },
        right: { tensor: expect.objectContaining({ name: "llama.q.lora_B" }), transposed: false },
      },
    },
  ]);
});

test("what goes by a name of the base takes its place", async () => {
  const trained: Shapes = { ...factors, "llama.norm.weight": { dtype: "BF16", shape: [3] } };
  const base: Shapes = { "llama.q.weight": [5, 3], "llama.norm.weight": [3] };
  const { updates, replacements } = await apply(paddleStorage({}, trained, base));
  expect([...updates.keys()]).toEqual(["llama.q.weight"]);
  expect(replacements.get("llama.norm.weight")).toMatchObject({
    dtype: "BF16",
    file: "/a/peft_model.safetensors",
  });
});

test("a base whose weights are [out, in] is refused", async () => {
  const storage = paddleStorage({}, factors, { "llama.q.weight": [3, 5] });
  expect(await problemsOf(async () => apply(storage))).toEqual([
    {
      code: "adapter/shape",
      file: "/a",
      tensor: "llama.q.weight",
      message: "has shape [3, 5] in /b, and the adapter's factors are for [5, 3]",
      hint: "Paddle stores weights [in, out], Hugging Face [out, in]: use a base in the layout of the adapter",
    },
  ]);
});

describe("what is more than LoRA is refused by name", () => {
  test.each<readonly [object, RegExp]>([
    [{ do_qat: true }, /do_qat is true/],
    [{ use_mora: true }, /use_mora is true.*MoRA/],
    [{ lora_use_mixer: true }, /lora_use_mixer is true.*MosLoRA/],
    [{ pissa: true }, /pissa is true: PiSSA/],
    [{ loraga: true }, /loraga is true: LoRA-GA/],
    [{ enable_lora_list: [null, [true, false, true]] }, /enable_lora_list is \[null, \[…\]\]/],
    [{ tensor_parallel_degree: 2 }, /tensor_parallel_degree is 2.*parts of tensors/],
    [{ tensor_parallel_degree: "2" }, /tensor_parallel_degree is the string "2"/],
    [{ nola: true }, /nola is true, a setting that is not known/],
  ])("%j", async (settings, message) => {
    expect(await messagesFor(settings)).toEqual([expect.stringMatching(message)]);
    expect(await messagesFor(settings)).toEqual([expect.stringMatching(/^adapter\/unsupported/)]);
  });

  test.each<object>([
    { enable_lora_list: [null, null], tensor_parallel_degree: -1, dtype: "bfloat16", head_dim: 64 },
    { tensor_parallel_degree: 1, lora_plus_scale: 4, use_quick_lora: true, scaling: 2, merge_weights: true },
  ])("%j is not", async (settings) => {
    expect((await open(paddleStorage(settings, factors))).rank).toBe(2);
  });
});

describe("tensors that make no update", () => {
  test.each<readonly [Shapes, RegExp]>([
    [{ "q.lora_A": [5, 2] }, /weights: its module has lora_A, and an update has two factors/],
    [{ "q.lora_A": [5, 2], "q.lora_B": [3, 2] }, /shape: .*\[5, 2\] and so rank 2, .*\[3, 2\] and so rank 3/],
    [{ "q.lora_A": [5, 4], "q.lora_B": [4, 3] }, /configuration: has rank 4, and .* rank 2/],
    [{ "q.lora_A": [2, 5, 3, 3], "q.lora_B": [3, 2, 1, 1] }, /unsupported: .*no factor of a matrix/],
    [{ "q.lora_AB": [2, 2] }, /weights: is the name of nothing/],
    [{ "q.lora_A.weight": [2, 2] }, /weights: is the name of nothing/],
    [{ lora_A: [2, 2] }, /weights: is the name of nothing/],
  ])("%j", async (shapes, message) => {
    expect(await messagesFor({}, shapes)).toEqual([expect.stringMatching(message)]);
  });
});
