import { describe, expect, test } from "vitest";

import type { Update } from "../../src/adapters/update.ts";
import { linear, open, peftStorage, problemsOf } from "./small-adapter.ts";
import type { Shapes } from "./small-adapter.ts";

const q = "base_model.model.model.q_proj";

async function updatesOf(settings: object, shapes: Shapes): Promise<Readonly<Record<string, Update>>> {
  const { weights } = await open(peftStorage(settings, shapes));
  return Object.fromEntries(weights.changes.map(({ target, update }) => [target, update]));
}

async function messagesFor(settings: object, shapes: Shapes): Promise<readonly string[]> {
  const problems = await problemsOf(async () => open(peftStorage(settings, shapes)));
  return problems.map(({ code, tensor, message }) => `${code}: ${tensor}: ${message}`);
}

describe("updates", () => {
  test("of a Linear layer are B times A", async () => {
    const { changes, replacements } = (await open(peftStorage({}, linear("model.q_proj", 3, 5)))).weights;
    expect(changes).toEqual([
      {
        target: "model.q_proj.weight",
        shape: [3, 5],
        transposable: true,
        update: {
          rows: 3,
          columns: 5,
          rank: 2,
          scale: 2,
          left: { tensor: expect.objectContaining({ name: `${q}.lora_B.weight` }), transposed: false },
          right: { tensor: expect.objectContaining({ name: `${q}.lora_A.weight` }), transposed: false },
        },
      },
    ]);
    expect(replacements.size).toBe(0);
  });

  test("of an embedding are its transpose", async () => {
    const shapes = { [`${q}.lora_embedding_A`]: [2, 40], [`${q}.lora_embedding_B`]: [16, 2] };
    expect(await updatesOf({}, shapes)).toMatchObject({
      "model.q_proj.weight": {
        rows: 40,
        columns: 16,
        left: { tensor: { shape: [2, 40] }, transposed: true },
        right: { tensor: { shape: [16, 2] }, transposed: true },
      },
    });
  });

  test.each([[[3]], [[3, 5]], [[1, 3, 5]]])(
    "of a convolution with a kernel of %j join the kernel with the inputs",
    async (kernel) => {
      const shapes = {
        [`${q}.lora_A.weight`]: [2, 4, ...kernel],
        [`${q}.lora_B.weight`]: [8, 2, ...kernel.map(() => 1)],
      };
      const [change] = (await open(peftStorage({}, shapes))).weights.changes;
      const columns = kernel.reduce((product, size) => product * size, 4);
      expect(change).toMatchObject({
        shape: [8, 4, ...kernel],
        transposable: false,
        update: { rows: 8, columns },
      });
    },
  );

  test("of biases are scaled like the product", async () => {
    const shapes = { ...linear("model.q_proj", 3, 5), [`${q}.lora_B.bias`]: [3] };
    const { "model.q_proj.bias": update } = await updatesOf({ lora_bias: true }, shapes);
    expect(update).toEqual({
      rows: 1,
      columns: 3,
      rank: 1,
      scale: 2,
      right: { tensor: expect.objectContaining({ name: `${q}.lora_B.bias` }), transposed: false },
    });
  });

  test.each<readonly [object, number]>([
    [{}, 2],
    [{ use_rslora: true }, 4 / Math.sqrt(2)],
    [{ lora_alpha: 0.5 }, 0.25],
    [{ lora_alpha: 0 }, 0],
    [{ lora_alpha: -3 }, -1.5],
    [{ alpha_pattern: { q_proj: 7, "model.q_proj": 9 } }, 3.5],
    [{ alpha_pattern: { "model.q_proj": 9, q_proj: 7 } }, 4.5],
    [{ alpha_pattern: { proj: 7 } }, 2],
    [{ r: 16, rank_pattern: { "model\\..*": 2 }, use_rslora: true }, 4 / Math.sqrt(2)],
  ])("%j are scaled by %d", async (settings, scale) => {
    const { "model.q_proj.weight": update } = await updatesOf(settings, linear("model.q_proj", 3, 5));
    expect(update?.scale).toBe(scale);
  });
});

describe("magnitudes of DoRA", () => {
  test.each<readonly [string, readonly number[]]>([
    ["lora_magnitude_vector", [3]],
    ["lora_magnitude_vector.weight", [3]],
    ["lora_magnitude_vector.default", [3]],
    ["lora_magnitude_vector.default.weight", [1, 3]],
  ])("%s of shape %j are norms of the outputs", async (name, shape) => {
    const shapes = { ...linear("model.q_proj", 3, 5), [`${q}.${name}`]: shape };
    const { "model.q_proj.weight": update } = await updatesOf({ use_dora: true }, shapes);
    expect(update?.magnitude).toMatchObject({ tensor: { shape }, axis: "rows" });
  });

  test.each([[[5]], [[3, 1, 3]], [[3, 3]], [[0]]])("of shape %j are refused", async (shape) => {
    const shapes = { ...linear("model.q_proj", 3, 5), [`${q}.lora_magnitude_vector`]: shape };
    expect(await messagesFor({ use_dora: true }, shapes)).toEqual([
      `adapter/shape: ${q}.lora_magnitude_vector: has shape [${shape.join(", ")}], and its factors have 3 outputs`,
    ]);
  });

  test("are there if and only if the configuration says so", async () => {
    const factors = linear("model.q_proj", 3, 5);
    const name = `${q}.lora_magnitude_vector`;
    expect(await messagesFor({ use_dora: true }, factors)).toEqual([
      expect.stringMatching(/adapter\/configuration: .*no magnitude vector beside it, and use_dora is true/),
    ]);
    expect(await messagesFor({}, { ...factors, [name]: [3] })).toEqual([
      expect.stringMatching(/adapter\/configuration: .*a magnitude vector beside it, and use_dora is false/),
    ]);
  });
});

describe("names", () => {
  test("may have the adapter's name in them", async () => {
    const updates = await updatesOf(
      { lora_bias: true },
      {
        [`${q}.lora_A.style.weight`]: [2, 5],
        [`${q}.lora_B.style.weight`]: [3, 2],
        [`${q}.lora_B.style.bias`]: [3],
        "base_model.model.wte.lora_embedding_A.style": [2, 7],
        "base_model.model.wte.lora_embedding_B.style": [4, 2],
      },
    );
    expect(Object.keys(updates)).toEqual(["model.q_proj.weight", "model.q_proj.bias", "wte.weight"]);
  });

  test.each<readonly [string, string]>([
    ["base_model.model.lm_head.weight", "lm_head.weight"],
    ["base_model.model.model.q_proj.base_layer.bias", "model.q_proj.bias"],
    ["base_model.model.score.modules_to_save.default.weight", "score.weight"],
    ["base_model.model.score.modules_to_save.weight", "score.weight"],
    ["base_model.model.mlp.modules_to_save.default.up.weight", "mlp.up.weight"],
  ])("%s stands for %s", async (name, replaced) => {
    const { weights } = await open(peftStorage({}, { [name]: [3] }));
    expect([...weights.replacements.keys()]).toEqual([replaced]);
  });

  test.each([
    "model.q_proj.lora_A.weight",
    "base_model.prompt",
    "base_model.model.lora_A.weight",
    `${q}.lora_A`,
    `${q}.lora_A.bias`,
    `${q}.lora_A.a.b.weight`,
    `${q}.lora_diag`,
    `${q}.lora_embedding_A.a.b`,
    "base_model.model.score.original_module.weight",
    "base_model.model.wte.token_adapter.trainable_tokens_delta",
  ])("%s stands for nothing", async (name) => {
    expect(await messagesFor({}, { [name]: [2, 5] })).toEqual([
      `adapter/weights: ${name}: is the name of nothing that a LoRA adapter of this library has`,
    ]);
  });

  test("of two adapters in one file are refused", async () => {
    const shapes = { ...linear("model.q_proj", 3, 5), [`${q}.lora_A.style.weight`]: [2, 5] };
    expect(await messagesFor({}, shapes)).toEqual([
      `adapter/weights: ${q}.lora_A.style.weight: stands for the same as "${q}.lora_A.weight"`,
    ]);
  });
});

describe("tensors that make no update", () => {
  const [a, b] = [`${q}.lora_A.weight`, `${q}.lora_B.weight`];

  test.each<readonly [Shapes, RegExp]>([
    [{ [a]: [2, 5] }, /weights: .*its module has lora_A, and an update has two factors/],
    [{ [b]: [3, 2] }, /weights: .*its module has lora_B, and/],
    [{ [`${q}.lora_magnitude_vector`]: [3] }, /weights: .*its module has lora_magnitude_vector, and/],
    [{ [a]: [2, 5], [`${q}.lora_embedding_B`]: [3, 2] }, /its module has lora_A, lora_embedding_B, and/],
    [{ [a]: [2, 5], [b]: [3, 4] }, /shape: .*\[2, 5\] and so rank 2, .*\[3, 4\] and so rank 4/],
    [{ [a]: [4, 5], [b]: [3, 4] }, /configuration: .*has rank 4, and its configuration gives it rank 2/],
    [{ [a]: [2, 5, 3], [b]: [3, 2] }, /shape: .*\[2, 5, 3\], and .*\[3, 2\]: factors of neither/],
    [{ [a]: [2, 5, 3], [b]: [3, 2, 2] }, /shape: .*factors of neither/],
    [{ [a]: [2, 0], [b]: [3, 2] }, /weights: .*\[2, 0\], and a factor is a matrix or more/],
    [{ [a]: [10], [b]: [3, 2] }, /weights: .*\[10\], and a factor is a matrix or more/],
    [
      { [a]: { dtype: "I8", shape: [2, 5] }, [b]: [3, 2] },
      /weights: .*is of type I8, and only floating-point/,
    ],
    [{ [a]: [2, 5], [b]: [3, 2], [`${q}.lora_B.bias`]: [3] }, /configuration: .*lora_bias is false/],
  ])("%j", async (shapes, message) => {
    expect(await messagesFor({}, shapes)).toEqual([expect.stringMatching(message)]);
  });

  test("a bias of another length", async () => {
    const shapes = { [a]: [2, 5], [b]: [3, 2], [`${q}.lora_B.bias`]: [5] };
    expect(await messagesFor({ lora_bias: true }, shapes)).toEqual([
      `adapter/shape: ${q}.lora_B.bias: has shape [5], and its factors have 3 outputs`,
    ]);
  });

  test("a rank that a pattern gives to another module", async () => {
    const shapes = { ...linear("model.q_proj", 3, 5), ...linear("model.k_proj", 3, 5) };
    expect(await messagesFor({ rank_pattern: { k_proj: 3 } }, shapes)).toEqual([
      expect.stringMatching(/k_proj.*has rank 2, and its configuration gives it rank 3/),
    ]);
  });

  test("more modules and patterns than can be compared", async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `layers.${index}.${"x".repeat(450)}`);
    const shapes = Object.assign({}, ...names.map((name) => linear(name, 1, 1, 1))) as Shapes;
    const keys = (end: string): readonly string[] =>
      Array.from({ length: 20 }, (_, index) => `${".*".repeat(200)}${index}${end}`);
    const settings = { r: 1, rank_pattern: Object.fromEntries(keys("y").map((key) => [key, 1])) };
    expect(await messagesFor(settings, shapes)).toEqual([
      expect.stringMatching(/adapter\/unsupported: .*1000 modules and 20 patterns/),
    ]);
    const plain = { r: 1, rank_pattern: Object.fromEntries(names.slice(0, 150).map((name) => [name, 1])) };
    expect(Object.keys(await updatesOf(plain, shapes))).toHaveLength(1000);
  });

  test("more characters in patterns than are read", async () => {
    const rank_pattern = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`${"x".repeat(400)}${index}`, 1]),
    );
    expect(await messagesFor({ rank_pattern }, linear("q_proj", 1, 1))).toEqual([
      expect.stringMatching(/adapter\/unsupported: .*have 120790 characters, more than the 100000/),
    ]);
  });

  test("names longer than any module's", async () => {
    expect(await messagesFor({}, { [`base_model.model.${"x".repeat(1000)}`]: [1] })).toEqual([
      expect.stringMatching(/adapter\/weights: .*a name of 1017 characters, more than the 1000/),
    ]);
  });
});
