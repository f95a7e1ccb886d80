import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { temporaryFolder } from "../support/checkpoint.ts";
import { hostileName, hostileText, orders, tensorFile, writeFolder, yamlText } from "./hostile-texts.ts";
import { type Outcome, runLine } from "./host.ts";
import { inlineEngine as engine } from "./inline-engine.ts";

/** Folders with a hostile text in every place that has room for one, below a folder with a hostile name. */
function folders() {
  const parent = join(temporaryFolder(), hostileName);
  const metadata = { format: "pt", [hostileText]: hostileText, tensorweld: hostileText };
  const weight = `${hostileText}.weight`;
  const named = { "model.safetensors": tensorFile([weight, "w"], metadata) };
  const settings = { _name_or_path: hostileText, model_type: hostileText, [hostileText]: hostileText };
  const [model, twin] = [join(parent, "model"), join(parent, `twin ${hostileName}`)];
  const text = yamlText(hostileText);
  const recipe = { [hostileText]: hostileText, seed: hostileText, model_path_list: [hostileText] };
  return {
    parent,
    output: join(parent, hostileName),
    model: writeFolder(model, {
      ...named,
      "config.json": settings,
      "README.md": `---\nlicense: ${hostileText}\n---\n`,
      [hostileName]: "",
      "recipe.json": recipe,
      "broken.json": `{"seed": 1, ${hostileText}}`,
    }),
    recipes: writeFolder(join(parent, `recipes ${hostileName}`), {
      "good.yml": `merge_method: linear # ${hostileName.replaceAll(/\P{L}/gu, " ")}
models: [{ model: ${yamlText(model)} }, { model: ${yamlText(twin)} }]
parameters: { weight: [{ filter: ${text}, value: 2 }, { value: 1 }] }`,
      "senseless.yml": `merge_method: ${text}
${text}: ${text}
base_model: ${text}
dtype: ${text}
models: [{ model: ${text}, ${text}: 1 }, { model: { path: ${text}, revision: ${text} } }]
parameters: { ${text}: ${text} }`,
      "unset.yml": `merge_method: linear
models: [{ model: ${yamlText(model)} }, { model: ${yamlText(twin)} }]
parameters: { weight: [{ filter: ${text}, value: 2 }] }`,
      "broken.yml": `merge_method: "${hostileText}`,
    }),
    twin: writeFolder(twin, {
      ...named,
      "config.json": { model_type: `other ${hostileText}`, rope_scaling: { [hostileText]: hostileText } },
    }),
    other: writeFolder(join(parent, "other"), { "model.safetensors": tensorFile([`other ${weight}`]) }),
    quantised: writeFolder(join(parent, "quantised"), {
      ...named,
      "config.json": { quantization_config: { quant_method: hostileText } },
    }),
    indexed: writeFolder(join(parent, "indexed"), {
      ...named,
      "model.safetensors.index.json": {
        weight_map: {
          [weight]: `${hostileText}.safetensors`,
          w: "absent.safetensors",
          [hostileText]: [hostileText],
        },
      },
    }),
    adapter: writeFolder(join(parent, "adapter"), {
      "adapter_config.json": {
        peft_type: "LORA",
        r: hostileText,
        lora_alpha: hostileText,
        target_modules: [hostileText],
        rank_pattern: { [hostileText]: hostileText, [`(${hostileText}`]: 1 },
        [hostileText]: hostileText,
      },
      "adapter_model.safetensors": tensorFile([weight]),
    }),
    plainAdapter: writeFolder(join(parent, "plain adapter"), {
      "adapter_config.json": {
        peft_type: "LORA",
        r: 1,
        lora_alpha: 1,
        bias: hostileText,
        target_modules: [hostileText],
        base_model_name_or_path: hostileText,
      },
      "adapter_model.safetensors": tensorFile([weight]),
    }),
    written: writeFolder(join(parent, "written"), {
      ...named,
      "merge_manifest.json": { version: 1, plan: hostileText, seal: hostileText },
    }),
    strange: writeFolder(join(parent, "strange"), { [`${hostileName}.bin`]: "", [hostileName]: "" }),
  };
}

function expectHarmless({ out, err, statuses }: Outcome, isJson: boolean): void {
  for (const text of [out, err, ...statuses]) {
    expect(text).not.toMatch(orders);
    // Of a name with a line feed in it no part may begin a line.
    expect(text).not.toMatch(/^\s*FORGED/m);
  }
  if (isJson && out !== "") expect(() => JSON.parse(out) as unknown).not.toThrow();
}

type Folders = ReturnType<typeof folders>;
type Line = (at: Folders) => readonly string[];

const merging = (command: string, ...names: readonly (keyof Folders)[]): Line => {
  return (at) => [command, "--model_path_list", ...names.map((name) => at[name]), "--output_path", at.output];
};

const withAdapter = (command: string, name: "adapter" | "plainAdapter"): Line => {
  return (at) => [
    command,
    "--lora_model_path",
    at[name],
    "--base_model_path",
    at.model,
    "--output_path",
    at.output,
  ];
};

const lines: readonly (readonly [what: string, code: number, line: Line])[] = [
  ["inspecting a model", 0, ({ model }) => ["inspect", model]],
  ["inspecting an adapter", 2, ({ plainAdapter }) => ["inspect", plainAdapter]],
  ["inspecting an adapter with settings of no sense", 2, ({ adapter }) => ["inspect", adapter]],
  ["inspecting files that an index names", 2, ({ indexed }) => ["inspect", indexed]],
  ["inspecting a folder without weights", 2, ({ strange }) => ["inspect", strange]],
  ["inspecting what is not there", 2, ({ parent }) => ["inspect", join(parent, `${hostileText}/x`)]],
  ["planning", 0, merging("plan", "model", "twin")],
  ["planning what does not fit", 2, merging("plan", "model", "other")],
  ["planning with a broken adapter", 2, withAdapter("plan", "adapter")],
  ["checking", 0, merging("check", "model", "twin")],
  ["checking what does not fit", 1, merging("check", "model", "other")],
  ["checking a quantised model", 1, merging("check", "model", "quantised")],
  ["checking an adapter", 1, withAdapter("check", "plainAdapter")],
  ["merging", 0, merging("merge", "model", "twin")],
  ["merging with warnings as errors", 2, (at) => [...merging("merge", "model", "twin")(at), "--strict"]],
  [
    "merging what is not there",
    2,
    (at) => ["merge", "--model_path_list", hostileText, "--output_path", at.output],
  ],
  [
    "merging into an input",
    2,
    ({ model }) => ["merge", "--model_path_list", model, model, "--output_path", model],
  ],
  ["merging by a recipe", 2, ({ model }) => ["merge", join(model, "recipe.json")]],
  ["merging by a broken recipe", 2, ({ model }) => ["merge", join(model, "broken.json")]],
  [
    "copying what is not there",
    2,
    (at) => [...merging("plan", "model", "twin")(at), "--copy_file_list", hostileText],
  ],
  ["explaining a recipe", 0, ({ recipes }) => ["explain", join(recipes, "good.yml")]],
  [
    "explaining a tensor that is not there",
    2,
    ({ recipes }) => ["explain", join(recipes, "good.yml"), "--tensor", `no ${hostileText}`],
  ],
  ["explaining a recipe of no sense", 2, ({ recipes }) => ["explain", join(recipes, "senseless.yml")]],
  ["explaining a recipe that is not YAML", 2, ({ recipes }) => ["explain", join(recipes, "broken.yml")]],
  ["explaining a recipe without a value", 2, ({ recipes }) => ["explain", join(recipes, "unset.yml")]],
  ["planning by a recipe", 0, (at) => ["plan", join(at.recipes, "good.yml"), at.output]],
  ["merging by a recipe in YAML", 0, (at) => ["merge", join(at.recipes, "good.yml"), at.output]],
  [
    "merging by a recipe of no sense, leniently",
    2,
    (at) => ["merge", join(at.recipes, "senseless.yml"), at.output, "--lenient"],
  ],
  ["an argument that is no recipe", 2, () => ["merge", hostileText, hostileText]],
  ["verifying what has no manifest", 1, ({ model }) => ["verify", model]],
  ["verifying by a forged manifest", 1, ({ written }) => ["verify", written]],
  ["flags that do not exist", 2, () => ["merge", `--${hostileText}`, hostileText, "--seed", hostileText]],
  ["a command that does not exist", 2, () => [hostileText]],
  ["a method that does not exist", 2, () => ["methods", hostileText]],
];

describe.each(lines)("%s", (_, code, line) => {
  test.each([{ json: false }, { json: true }])(
    "prints nothing that a terminal obeys ($json)",
    async ({ json }) => {
      const args = [...line(folders()), ...(json ? ["--json"] : [])];
      const outcome = await runLine(args, { engine, tty: true });
      expect([outcome.code, outcome.out, outcome.err]).toEqual([
        code,
        expect.any(String),
        expect.any(String),
      ]);
      expectHarmless(outcome, json);
    },
  );
});

test("a fault in the program prints nothing of that kind either, nor does its trace", async () => {
  const broken = { inspect: () => Promise.reject(new Error(hostileText)) };
  expectHarmless(await runLine(["inspect", "x"], { engine: broken, debug: true }), false);
});

test("what an output says of itself has nothing of that kind in it", async () => {
  const at = folders();
  expect((await runLine(merging("merge", "model", "twin")(at), { engine })).code).toBe(0);
  for (const name of ["README.md", "merge_config.json"]) {
    const text = readFileSync(join(at.output, name), "utf8");
    expect(text).not.toMatch(orders);
    expect(text).not.toMatch(/^\s*FORGED/m);
  }
  const configuration = JSON.parse(readFileSync(join(at.output, "merge_config.json"), "utf8")) as object;
  expect(configuration).toMatchObject({ model_path_list: [at.model, at.twin] });
  // All that is left to say of this licence is nothing.
  expect(readFileSync(join(at.output, "README.md"), "utf8")).not.toContain("license");
  expect(readdirSync(at.output)).toContain(hostileName);
});

test("a verification that finds damage names it harmlessly", async () => {
  const at = folders();
  await runLine(merging("merge", "model", "twin")(at), { engine });
  const weights = join(at.output, "model.safetensors");
  const bytes = readFileSync(weights);
  bytes.subarray(-16).fill(1);
  writeFileSync(weights, bytes);
  for (const json of [false, true]) {
    const outcome = await runLine(["verify", at.output, ...(json ? ["--json"] : [])], { engine, tty: true });
    expect(outcome.code).toBe(1);
    expect(outcome.out).toContain("FORGED");
    expectHarmless(outcome, json);
  }
});
