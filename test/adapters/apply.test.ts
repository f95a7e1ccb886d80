import { describe, expect, test } from "vitest";

import type { AppliedAdapter } from "../../src/adapters/apply.ts";
import { apply, linear, peftStorage, problemsOf } from "./small-adapter.ts";
import type { Shapes } from "./small-adapter.ts";

async function applied(settings: object, adapter: Shapes, base: Shapes): Promise<AppliedAdapter> {
  return apply(peftStorage(settings, adapter, base));
}

async function messagesFor(settings: object, adapter: Shapes, base: Shapes): Promise<readonly string[]> {
  const problems = await problemsOf(async () => applied(settings, adapter, base));
  return problems.map(({ code, tensor, message, hint }) => `${code}: ${tensor}: ${message} (${hint})`);
}

describe("names of the base", () => {
  const adapter = { ...linear("model.a.q", 3, 5), "base_model.model.model.norm.weight": [3] };
  const bare = { "a.q.weight": [3, 5], "norm.weight": [3] };
  const prefixed = (prefix: string, shapes: Shapes = bare): Shapes =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}.${name}`, shape]));

  test("are the adapter's own", async () => {
    const { updates, replacements, notices } = await applied({}, adapter, prefixed("model"));
    expect([...updates.keys(), ...replacements.keys()]).toEqual(["model.a.q.weight", "model.norm.weight"]);
    expect(notices).toEqual([]);
  });

  test("may lack their first part", async () => {
    const { updates, replacements, notices } = await applied({}, adapter, bare);
    expect([...updates.keys(), ...replacements.keys()]).toEqual(["a.q.weight", "norm.weight"]);
    expect(notices).toEqual(['/a: its names are read without "model." at their start, as the base\'s are']);
  });

  test("may have one more, beside names that start otherwise", async () => {
    const base = { "lm_head.weight": [7, 3], ...prefixed("top", prefixed("model")) };
    const { updates, notices } = await applied({}, adapter, base);
    expect([...updates.keys()]).toEqual(["top.model.a.q.weight"]);
    expect(notices).toEqual(['/a: its names are read with "top." at their start, as the base\'s are']);
  });

  test("are refused when two first parts would do", async () => {
    const base = { ...prefixed("text", prefixed("model")), ...prefixed("vision", prefixed("model")) };
    expect(await messagesFor({}, adapter, base)).toEqual([
      expect.stringMatching(/adapter\/unmatched.*lacks 2/),
    ]);
  });

  test("are read in one way for all of them", async () => {
    const base = { "model.a.q.weight": [3, 5], "norm.weight": [3] };
    expect(await messagesFor({ base_model_name_or_path: "org/m" }, adapter, base)).toEqual([
      'adapter/unmatched: undefined: changes 2 tensors, of which /b lacks 1: "model.norm.weight" (use the model that the adapter was trained on, "org/m")',
    ]);
  });

  test("that are missing are counted, however many", async () => {
    const many = Array.from({ length: 100 }, (_, index) => linear(`layers.${index}`, 3, 5));
    const [message] = await messagesFor({}, Object.assign({}, ...many) as Shapes, bare);
    expect(message).toContain(
      'lacks 100: "layers.0.weight", "layers.1.weight", "layers.2.weight" and 97 more',
    );
  });

  test("include biases that an adapter updates", async () => {
    const withBias = { ...linear("q", 3, 5), "base_model.model.q.lora_B.bias": [3] };
    const base = { "q.weight": [3, 5], "q.bias": [3] };
    const { updates } = await applied({ lora_bias: true }, withBias, base);
    expect([...updates.keys()]).toEqual(["q.weight", "q.bias"]);
    expect(await messagesFor({ lora_bias: true }, withBias, { "q.weight": [3, 5] })).toEqual([
      expect.stringMatching(/adapter\/unmatched.*"q\.bias"/),
    ]);
  });
});

describe("weights stored as [in, out]", () => {
  test("are told by their shapes, magnitudes with them", async () => {
    const adapter = { ...linear("q", 3, 5), "base_model.model.q.lora_magnitude_vector": [3] };
    const { updates } = await applied({ use_dora: true }, adapter, { "q.weight": [5, 3] });
    expect(updates.get("q.weight")).toMatchObject({
      rows: 5,
      columns: 3,
      left: { tensor: { shape: [2, 5] }, transposed: true },
      right: { tensor: { shape: [3, 2] }, transposed: true },
      magnitude: { axis: "columns" },
    });
  });

  const isTransposed = async (fanInFanOut: boolean, adapter: Shapes, base: Shapes): Promise<unknown> => {
    const { updates } = await applied({ fan_in_fan_out: fanInFanOut }, adapter, base);
    return updates.get("a.q.weight")!.right.transposed;
  };
  const square = linear("a.q", 3, 3);
  const squareBase = { "a.q.weight": [3, 3] };

  test("are told by fan_in_fan_out where they are square", async () => {
    expect(await isTransposed(false, square, squareBase)).toBe(false);
    expect(await isTransposed(true, square, squareBase)).toBe(true);
  });

  test("are told by others of the same name before that", async () => {
    const adapter = { ...square, ...linear("b.q", 3, 5), ...linear("head", 7, 3) };
    const base = { ...squareBase, "b.q.weight": [5, 3], "head.weight": [7, 3] };
    expect(await isTransposed(false, adapter, base)).toBe(true);
  });

  test("are refused where nothing but a contradiction tells", async () => {
    const adapter = { ...square, ...linear("a.k", 3, 5) };
    const base = { ...squareBase, "a.k.weight": [5, 3] };
    expect(await messagesFor({}, adapter, base)).toEqual([
      expect.stringMatching(
        /adapter\/shape: a\.q\.weight: .*is square: by fan_in_fan_out it is \[out, in\], unlike/,
      ),
    ]);
    expect(await isTransposed(true, adapter, base)).toBe(true);
  });
});

describe("what does not fit", () => {
  test("shapes of factors", async () => {
    expect(await messagesFor({}, linear("q", 3, 5), { "q.weight": [3, 6] })).toEqual([
      "adapter/shape: q.weight: has shape [3, 6] in /b, and the adapter's factors are for [3, 5] (use the model that the adapter was trained on)",
    ]);
    expect(await messagesFor({}, linear("q", 3, 5), { "q.weight": [3, 5, 1] })).toHaveLength(1);
  });

  test("an embedding that is transposed", async () => {
    const adapter = {
      "base_model.model.wte.lora_embedding_A": [2, 40],
      "base_model.model.wte.lora_embedding_B": [16, 2],
    };
    expect(await messagesFor({}, adapter, { "wte.weight": [16, 40] })).toEqual([
      expect.stringMatching(/adapter\/shape: wte\.weight: has shape \[16, 40\] in \/b/),
    ]);
  });

  test.each<readonly [readonly number[], RegExp]>([
    [[44, 16], /\[44, 16\] here.*\[40, 16\] in \/b \(its vocabulary was resized from 40 to 44/],
    [[40, 8], /\[40, 8\] here.*\(use the model that the adapter was trained on/],
    [[40], /\[40\] here.*\(use the model/],
  ])("a whole tensor of shape %j", async (shape, message) => {
    const adapter = { "base_model.model.lm_head.weight": shape };
    expect(await messagesFor({}, adapter, { "lm_head.weight": [40, 16] })).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test("types that are not merged", async () => {
    const base: Shapes = { "q.weight": { dtype: "I8", shape: [3, 5] } };
    expect(await messagesFor({}, linear("q", 3, 5), base)).toEqual([
      expect.stringMatching(/adapter\/unsupported: q\.weight: is of type I8 in \/b\/model\.safetensors/),
    ]);
    const whole: Shapes = { "base_model.model.q.weight": { dtype: "I8", shape: [3, 5] } };
    expect(await messagesFor({}, whole, { "q.weight": [3, 5] })).toEqual([
      expect.stringMatching(/adapter\/unsupported: base_model\.model\.q\.weight: is of type I8 in \/a/),
    ]);
  });

  test("everything at once", async () => {
    const adapter = { ...linear("q", 3, 5), ...linear("k", 3, 5), "base_model.model.norm.weight": [3] };
    const base = { "q.weight": [4, 5], "norm.weight": [4] };
    const codes = (await messagesFor({}, adapter, base)).map((message) => message.split(":")[0]);
    expect(codes).toEqual(["adapter/unmatched", "adapter/shape", "adapter/shape"]);
  });
});

describe("tied weights", () => {
  const embedding = {
    "base_model.model.wte.lora_embedding_A": [2, 40],
    "base_model.model.wte.lora_embedding_B": [16, 2],
  };

  test("are worth a notice when the embedding changes and there is no head", async () => {
    const { notices } = await applied({}, embedding, { "wte.weight": [40, 16] });
    expect(notices).toEqual([
      "wte.weight changes, and /b has no output layer of its own: one that shares this embedding changes with it",
    ]);
    const untied = { "wte.weight": [40, 16], "lm_head.weight": [40, 16] };
    expect((await applied({}, embedding, untied)).notices).toEqual([]);
  });

  test("are explained when the adapter changes the head", async () => {
    const adapter = { ...linear("q", 3, 5), ...linear("lm_head", 40, 16) };
    expect(await messagesFor({}, adapter, { "q.weight": [3, 5], "wte.weight": [40, 16] })).toEqual([
      expect.stringMatching(
        /lacks 1: "lm_head\.weight" \(the base uses its embedding as output layer too: untie/,
      ),
    ]);
  });
});

test("a tensor can be replaced and updated", async () => {
  const adapter = { ...linear("q", 3, 5), "base_model.model.q.base_layer.weight": [3, 5] };
  const { updates, replacements } = await applied({}, adapter, { "q.weight": [3, 5] });
  expect(updates.has("q.weight")).toBe(true);
  expect(replacements.get("q.weight")).toMatchObject({ file: "/a/adapter_model.safetensors" });
});
