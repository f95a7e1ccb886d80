import { describe, expect, test } from "vitest";

import type { Rule } from "../../../src/recipe/rule.ts";
import type { Slice } from "../../../src/recipe/slice.ts";
import { arranged, llama, type ShapedModel, sourcesOf } from "./arranged.ts";

/** A slice of `layers` layers; sources as `b7`: model b from its layer 7 on. */
function slice(layers: number, sources: readonly string[], base?: string): Slice {
  const parse = (text: string): Slice["sources"][number] => ({
    model: { path: `/${text[0]}` },
    firstLayer: Number(text.slice(1)),
  });
  return { layers, sources: sources.map(parse), ...(base !== undefined && { base: parse(base) }) };
}

const rules: readonly Rule[] = [{ step: "merge", parameter: "weight", value: 1 }];
const up = (layer: number): string => `model.layers.${layer}.mlp.up_proj.weight`;

test("layers are numbered on from slice to slice, and each comes from its own", async () => {
  const { tensors, of } = await arranged([llama(3), llama(4)], {
    rules,
    slices: [slice(2, ["a0"]), slice(1, ["b3"]), slice(2, ["a1"])],
  });
  const ups = [0, 1, 2, 3, 4].map((layer) => sourcesOf(of(up(layer)))[0]);
  expect(ups).toEqual([`a:${up(0)}`, `a:${up(1)}`, `b:${up(3)}`, `a:${up(1)}`, `a:${up(2)}`]);
  expect(tensors).toHaveLength(3 + 5 * 2);
});

test("embeddings are the first slice's; the final norm and the head the last one's, with all its sources", async () => {
  const { of } = await arranged([llama(2), llama(2), llama(2)], {
    rules,
    slices: [slice(1, ["a0"]), slice(1, ["b1", "c1", "a1"])],
  });
  expect(sourcesOf(of("model.embed_tokens.weight"))).toEqual(["a:model.embed_tokens.weight"]);
  expect(sourcesOf(of("model.norm.weight"))).toEqual([
    "b:model.norm.weight",
    "c:model.norm.weight",
    "a:model.norm.weight",
  ]);
  expect(sourcesOf(of("lm_head.weight"))).toHaveLength(3);
});

test("the same model may stand in a slice twice, and counts as often", async () => {
  const { of } = await arranged([llama(3)], { rules, slices: [slice(2, ["a0", "a1"])] });
  expect(sourcesOf(of(up(1)))).toEqual([`a:${up(1)}`, `a:${up(2)}`]);
  expect(of(up(1)).combination?.merge.parameters["weight"]).toEqual([1, 1]);
});

test("models of different numbers of layers share a slice", async () => {
  const { of, problems } = await arranged([llama(2), llama(9)], { rules, slices: [slice(2, ["a0", "b7"])] });
  expect(problems).toEqual([]);
  expect(sourcesOf(of(up(1)))).toEqual([`a:${up(1)}`, `b:${up(8)}`]);
});

test("a slice's base is what its sources are compared with, and another slice may have none", async () => {
  const { of } = await arranged([llama(2), llama(2)], {
    rules,
    slices: [slice(1, ["b0"], "a0"), slice(1, ["b1", "a1"])],
  });
  expect(of(up(0))).toMatchObject({ hasBase: true });
  expect(sourcesOf(of(up(0)))).toEqual([`a:${up(0)}`, `b:${up(0)}`]);
  expect(of(up(1)).hasBase).toBe(false);
  expect(of("model.embed_tokens.weight").hasBase).toBe(true);
});

describe("rules", () => {
  test("hold in their slice; what is outside layers belongs to the first or the last", async () => {
    const { of } = await arranged([llama(2)], {
      combination: { merge: { method: "linear", parameters: { normalize: false } } },
      slices: [slice(1, ["a0"]), slice(1, ["a1"])],
      rules: [
        { step: "merge", parameter: "weight", value: 2, slice: 0 },
        { step: "merge", parameter: "weight", value: 3, slice: 1 },
      ],
    });
    const weightOf = (name: string): unknown => of(name).combination?.merge.parameters["weight"];
    expect([up(0), up(1)].map(weightOf)).toEqual([[2], [3]]);
    expect(["model.embed_tokens.weight", "model.norm.weight"].map(weightOf)).toEqual([[2], [3]]);
  });

  test("with gradients begin anew in every slice, and end in a slice of one layer", async () => {
    const { of } = await arranged([llama(3)], {
      slices: [slice(3, ["a0"]), slice(1, ["a0"])],
      rules: [{ step: "merge", parameter: "weight", value: [2, 4] }],
    });
    const weights = [0, 1, 2, 3].map((layer) => of(up(layer)).combination?.merge.parameters["weight"]);
    expect(weights).toEqual([[2], [3], [4], [4]]);
  });

  test("for each model look at its own tensors' names, those for all at the output's", async () => {
    const filter = "layers.5.";
    const perModel = await arranged([llama(8), llama(8)], {
      slices: [slice(2, ["a4", "b0"])],
      rules: [
        { step: "merge", parameter: "weight", value: 9, filter },
        { step: "merge", parameter: "weight", value: 1 },
      ],
    });
    expect(perModel.of(up(1)).combination?.merge.parameters["weight"]).toEqual([9, 1]);
    const shared = await arranged([llama(8), llama(8)], {
      combination: { merge: { method: "slerp", parameters: { alpha: 0, eps: 0, dotThreshold: 1 } } },
      slices: [slice(6, ["a2", "b0"])],
      rules: [{ step: "merge", parameter: "alpha", value: 0.9, filter }],
    });
    const alphas = [3, 5].map((layer) => shared.of(up(layer)).combination?.merge.parameters["alpha"]);
    expect(alphas).toEqual([0, 0.9]);
  });
});

describe("layers that a model does not have", () => {
  test("are refused with the model, the range and how many it has", async () => {
    const { problems } = await arranged([llama(4), llama(2)], {
      rules,
      slices: [slice(2, ["a0", "b1"]), slice(3, ["a2"])],
    });
    const hint = expect.stringContaining("a range of layers begins at 0");
    expect(problems).toEqual([
      {
        code: "plan/layers",
        file: "/b",
        message: "layers 1 to 2 are wanted, and it has 2, numbered from 0",
        hint,
      },
      {
        code: "plan/layers",
        file: "/a",
        message: "layers 2 to 4 are wanted, and it has 4, numbered from 0",
        hint: expect.stringContaining("ends at 4 or earlier"),
      },
    ]);
  });

  test("are refused where one in the middle is missing, and where there are none at all", async () => {
    const { tensors } = llama(3);
    const torn = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.includes("layers.1.")));
    const missing = await arranged([{ tensors: torn }], { rules, slices: [slice(3, ["a0"])] });
    expect(missing.problems).toMatchObject([{ message: expect.stringContaining("layer 1 has no tensors") }]);
    const flat = await arranged([{ tensors: { w: [2] } }], { rules, slices: [slice(1, ["a0"])] });
    expect(flat.problems).toMatchObject([
      { code: "plan/layers", message: expect.stringContaining("no layers") },
    ]);
  });
});

test("a tensor that a slice's model lacks is refused under the number it has there", async () => {
  const { [up(3)]: _, ...tensors } = llama(4).tensors;
  const { problems } = await arranged([llama(4), { tensors }], { rules, slices: [slice(2, ["a0", "b2"])] });
  expect(problems).toMatchObject([
    {
      code: "plan/tensor-names",
      file: "/b",
      tensor: up(3),
      message: expect.stringContaining(`/a as "${up(1)}"`),
    },
  ]);
});

describe("the stack of layers", () => {
  const tensors = (stacks: Readonly<Record<string, number>>): ShapedModel["tensors"] =>
    Object.fromEntries(
      Object.entries(stacks).flatMap(([stack, layers]) =>
        Array.from({ length: layers }, (_, layer) => [`${stack}.${layer}.w`, [2]]),
      ),
    );
  const stacked = async (model: ShapedModel, first = 0): Promise<readonly string[]> => {
    const made = await arranged([model], { rules, slices: [slice(1, [`a${first}`])] });
    expect(made.problems).toEqual([]);
    return made.tensors.map((tensor) => `${tensor.name} < ${tensor.sources[0]!.name}`);
  };

  test("is the one as high as config.json says, also of a model that has its text's settings inside", async () => {
    const model = { tensors: tensors({ "vision.blocks": 3, "text.layers": 2 }) };
    const others = [0, 1, 2].map((layer) => `vision.blocks.${layer}.w < vision.blocks.${layer}.w`);
    for (const config of [{ n_layer: 2 }, { text_config: { num_hidden_layers: 2 } }])
      expect(await stacked({ ...model, config }, 1)).toEqual([
        ...others,
        "text.layers.0.w < text.layers.1.w",
      ]);
  });

  test("is the highest where config.json tells nothing", async () => {
    const made = await stacked({ tensors: tensors({ h: 3, tower: 1 }) }, 2);
    expect(made).toEqual(["tower.0.w < tower.0.w", "h.0.w < h.2.w"]);
  });

  test("is none of images where those are as many", async () => {
    const config = { num_hidden_layers: 2 };
    const made = await stacked({ tensors: tensors({ "a.vision.layers": 2, "b.text.layers": 2 }), config }, 1);
    expect(made.at(-1)).toBe("b.text.layers.0.w < b.text.layers.1.w");
  });

  test("ends where config.json ends it: what is numbered beyond stays after the last", async () => {
    const config = { model_type: "deepseek_v3", num_hidden_layers: 2 };
    expect(await stacked({ tensors: tensors({ "model.layers": 3 }), config })).toEqual([
      "model.layers.0.w < model.layers.0.w",
      "model.layers.1.w < model.layers.2.w",
    ]);
  });

  test("is known of Phi-1, whose embeddings and head have numbers too", async () => {
    const config = { model_type: "mixformer-sequential", n_layer: 2 };
    expect(await stacked({ tensors: tensors({ layers: 4 }), config }, 1)).toEqual([
      "layers.0.w < layers.0.w",
      "layers.1.w < layers.2.w",
      "layers.2.w < layers.3.w",
    ]);
  });

  test("is not one where a model is an encoder and a decoder", async () => {
    const model = { tensors: tensors({ "encoder.block": 2, "decoder.block": 2 }) };
    const config = { is_encoder_decoder: true, model_type: "t5", num_layers: 2 };
    const { problems } = await arranged([{ ...model, config }], { rules, slices: [slice(1, ["a0"])] });
    expect(problems).toMatchObject([{ code: "plan/layers", message: expect.stringContaining('"t5"') }]);
  });

  test("has the same name in all models of a stack", async () => {
    const { problems } = await arranged([{ tensors: tensors({ h: 2 }) }, llama(2)], {
      rules,
      slices: [slice(1, ["a0"]), slice(1, ["b1"])],
    });
    expect(problems).toMatchObject([
      { code: "plan/layers", file: "/b", message: expect.stringContaining('called "model.layers"') },
    ]);
  });
});
