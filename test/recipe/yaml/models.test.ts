import { describe, expect, test } from "vitest";
import type { ModelReference } from "../../../src/recipe/recipe.ts";
import { noticesOf, parse, problemsOf, recipeOf } from "./parsing.ts";

// Section 1.3 of the specification of mergekit's recipes: references to models.

const passthrough = (model: string): string => `merge_method: passthrough\nmodels:\n  - model: ${model}`;

async function modelOf(text: string, ...paths: readonly string[]): Promise<ModelReference | undefined> {
  return (await recipeOf(passthrough(text), ...paths)).models[0];
}

describe("a text", () => {
  test.each([
    ["a", { path: "/here/a" }],
    ["/elsewhere/model", { path: "/elsewhere/model" }],
    ["org/model", { path: "/cache/org/model/main" }],
    ["org/model@v1.0", { path: "/cache/org/model/v1.0" }],
    ["a+b", { path: "/here/a", adapter: "/here/b" }],
    ["org/model@x+b", { path: "/cache/org/model/x", adapter: "/here/b" }],
    ["a+org/model@x", { path: "/here/a", adapter: "/cache/org/model/x" }],
  ])("PATH[@REVISION][+LORA[@REVISION]]: %s", async (text, reference) => {
    expect(await modelOf(text, "/elsewhere/model")).toEqual(reference);
  });

  test("a path on this disk wins, also one with @ or + in its name, and before a name on the hub", async () => {
    expect(await modelOf("some+path", "some+path")).toEqual({ path: "/here/some+path" });
    expect(await modelOf("some@path", "some@path")).toEqual({ path: "/here/some@path" });
    expect(await modelOf("x@y+b", "x@y")).toEqual({ path: "/here/x@y", adapter: "/here/b" });
    expect(await modelOf("org/model", "org/model")).toEqual({ path: "/here/org/model" });
  });

  test("a revision of a path on this disk has no effect, which is told", async () => {
    expect(await noticesOf(passthrough("a@main"))).toEqual([
      'r.yml:3:12: the revision "main" has no effect: /here/a is on this disk.',
    ]);
  });

  test.each(["a+b+c", "+a", "a+", "a@b@c", "@a", "a@"])("%s is no reference", async (text) => {
    const [problem] = await problemsOf(passthrough(`"${text}"`));
    expect(problem).toMatch(
      /^r\.yml:3:12: .* is no path here, and no (MODEL\+ADAPTER|NAME@REVISION) \(write \{/,
    );
  });

  test("a number is a path like any other", async () => {
    expect(await modelOf("7", "7")).toEqual({ path: "/here/7" });
  });
});

describe("a mapping", () => {
  test.each([
    ["{ model: a }", { path: "/here/a" }],
    ["{ model: org/model@v1, lora: b }", { path: "/cache/org/model/v1", adapter: "/here/b" }],
    ["{ model: { path: some+path } }", { path: "/here/some+path" }],
    [
      "{ model: { path: org/model, revision: v2 }, lora: { path: x@y } }",
      { path: "/cache/org/model/v2", adapter: "/here/x@y" },
    ],
  ])("{ model, lora }, each a text or { path, revision }: %s", async (text, reference) => {
    expect(await modelOf(text, "some+path", "x@y")).toEqual(reference);
  });

  test("is as strict as the rest of the recipe", async () => {
    expect(await problemsOf(passthrough("{ model: { path: a, rev: x }, Lora: b }"))).toEqual([
      expect.stringContaining('r.yml:3:32: a place of a model has no key "rev"'),
      expect.stringContaining('r.yml:3:42: a model has no key "Lora" (did you mean lora?)'),
    ]);
    expect(await problemsOf(passthrough("{ lora: b }"))).toEqual([
      expect.stringContaining("r.yml:3:12: a model without model"),
    ]);
    expect(await problemsOf(passthrough("{ model: { path: [a] } }"))).toEqual([
      "r.yml:3:29: path: expected a text, got a list",
    ]);
  });
});

describe("a model that is not there", () => {
  test("is refused with the places that were looked at, and how to get it", async () => {
    expect(await problemsOf(passthrough("org/other"))).toEqual([
      "r.yml:3:12: there is neither /here/org/other, nor /cache/org/other/refs/main in the Hugging Face cache (download it: hf download org/other)",
    ]);
    expect(await problemsOf(passthrough("org/other@v1"))).toEqual([
      expect.stringContaining("(download it: hf download org/other --revision v1)"),
    ]);
    expect(await problemsOf(passthrough("./models/x"))).toEqual([
      "r.yml:3:12: there is no /here/./models/x (check the path; relative ones start at the current folder)",
    ]);
    expect(await problemsOf(passthrough("a+org/lora"))).toEqual([
      expect.stringContaining("hf download org/lora"),
    ]);
  });

  test("is complained of once, however often it is named", async () => {
    const source = "{ sources: [{ model: org/other, layer_range: [0, 1] }] }";
    const text = `merge_method: passthrough\nslices: [${source}, ${source}]`;
    expect(await problemsOf(text)).toHaveLength(1);
  });

  test("does not make a command of its revision that does something else", async () => {
    const [problem] = await problemsOf(passthrough('"org/other@$(reboot)"'));
    expect(problem).toContain('"$(reboot)" is no branch, tag or commit');
    expect(problem).not.toContain("hf download");
  });
});

describe("override_architecture", () => {
  const override = (donor: string, other: string): string =>
    `merge_method: linear\nmodels:\n  - model: ${donor}\n  - model: ${other}\nparameters: { weight: 1 }`;
  const mapping = "{ model: b, override_architecture: LlamaForCausalLM }";

  test("has no effect on the weights, which is told", async () => {
    expect(await noticesOf(override("a", mapping))).toEqual([
      "r.yml:4:24: override_architecture has no effect: tensors are matched by name.",
    ]);
  });

  test("is refused for the model whose config.json the output gets", async () => {
    expect(await problemsOf(override(mapping, "a"))).toEqual([
      expect.stringMatching(
        /^r\.yml:3:24: override_architecture of the model whose config\.json .* not available yet/,
      ),
    ]);
  });
});

test("references to one place are one model, however they are written", async () => {
  const text = `merge_method: task_arithmetic\nbase_model: { model: { path: a } }
models: [{ model: /here/a }, { model: b, parameters: { weight: 1 } }]`;
  const { models, base } = await recipeOf(text, "/here/a");
  expect([base?.path, models.map(({ path }) => path)]).toEqual(["/here/a", ["/here/b"]]);
});

test("everything that is wrong is told at once, in the order of the text", async () => {
  const text = `merge_method: ties
base_modle: a
models:
  - model: missing/model
    weight: 0.5
  - model: b
    parameters: { weight: x, densty: 0.5, density: -2 }
dtype: bf16`;
  const places = (await problemsOf(text)).map((problem) => problem.split(": ")[0]);
  expect(places).toEqual(
    ["2:1", "4:12", "5:5", "7:27", "7:30", "7:52", "8:8"].map((place) => `r.yml:${place}`),
  );
});

test("what was found out is the same for every document that names it", async () => {
  const { merges } = await parse(`name: x\n${passthrough("a")}\n---\n${passthrough("a+b")}`);
  expect(merges.map(({ recipe }) => recipe.models)).toEqual([[{ path: "/here/a", adapter: "/here/b" }]]);
});
