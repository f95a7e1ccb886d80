import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { plainMarkdown } from "../../src/documents/markdown.ts";
import { type CardFacts, modelCard } from "../../src/documents/model-card.ts";
import { modelName } from "../../src/documents/model-name.ts";
import { version } from "../../src/version.ts";
import { described, recipe } from "./described.ts";
import { readFrontMatter } from "./front-matter.ts";

function card(facts: Partial<CardFacts>): string {
  const inputs = [described("org/a", { weight: 0.7 }), described("b", { weight: 0.3 })];
  return modelCard({ title: "merged", recipe, inputs, format: "pt", ...facts });
}

const lora = { name: { text: "org/lora", isHubId: true }, files: [] };

test("a card says what was merged and how", () => {
  const inputs = [
    described("org/base", { role: "base" }),
    described("org/a", { weight: 0.7, adapter: lora }),
    described("my_model", { weight: 0.3 }),
  ];
  const trimmed = {
    ...recipe,
    models: [{ path: "/secret/a", adapter: "/secret/lora" }, { path: "/secret/b" }],
    base: { path: "/secret/base" },
    combination: {
      sparsify: { method: "trim", parameters: { reserve: 0.2, rescale: false } },
      merge: { method: "ties", parameters: { weight: [0.7, 0.3], elect: "sum", normalize: true } },
    },
  };
  const text = card({ title: "my_merge", recipe: trimmed, inputs });
  expect(text.replaceAll(version, "VERSION")).toMatchInlineSnapshot(`
    "---
    base_model:
      - "org/base"
      - "org/a"
      - "org/lora"
    base_model_relation: merge
    library_name: transformers
    tags:
      - merge
      - mergekit
    ---

    # my\\_merge

    A merge of [org/a](https://huggingface.co/org/a) with the adapter [org/lora](https://huggingface.co/org/lora) and my\\_model, made with Tensorweld VERSION.

    ## Merge Method

    [\`ties\`](https://arxiv.org/abs/2306.01708):

    - [\`trim\`](https://arxiv.org/abs/2306.01708): Keeps the elements of largest magnitude.
    - [\`ties\`](https://arxiv.org/abs/2306.01708): For each element the models elect a sign; what has that sign is summed, the rest is left out.

    What is merged are the models' differences to [org/base](https://huggingface.co/org/base); the result is added to it.

    Before that, each [LoRA adapter](https://arxiv.org/abs/2106.09685) is added to its model.

    ## Models Merged

    - base: [org/base](https://huggingface.co/org/base)
    - model: [org/a](https://huggingface.co/org/a) with the adapter [org/lora](https://huggingface.co/org/lora), weight 0.7
    - model: my\\_model, weight 0.3

    ## Configuration

    \`\`\`json
    {
      "model_path_list": [
        "org/a+org/lora",
        "my_model"
      ],
      "base_model_path": "org/base",
      "merge_prefix": "model",
      "merge_method": "ties",
      "weight_list": [
        0.7,
        0.3
      ],
      "normalize": true,
      "ties_elect_type": "sum",
      "reserve_p": 0.2,
      "rescale": false,
      "seed": 42,
      "max_shard_size": 5000000000,
      "model_card": true
    }
    \`\`\`

    To make it again, save this as \`recipe.json\`, put the folder of each model in place of its name (\`hf download NAME\` prints that of a repository), and run

    \`\`\`sh
    npx tensorweld@VERSION merge recipe.json --output_path merged
    \`\`\`

    The same models under the same names, with this recipe, its seed of 42 and this version, give the same bytes on every machine. This tells whether a copy of these files is as it was written:

    \`\`\`sh
    npx tensorweld@VERSION verify FOLDER
    \`\`\`

    The header of each weight file, under \`tensorweld\`, and \`merge_config.json\`, under \`provenance\`, tell what went in: each input's name, its files and the SHA-256 of their headers, and the same for inputs that are merges themselves.
    "
  `);
});

describe("its front matter", () => {
  test("names each repository once, and the library", () => {
    const inputs = [
      described("org/a", { role: "base" }),
      described("org/a"),
      described("org/b"),
      described("c"),
    ];
    expect(readFrontMatter(card({ inputs }))).toEqual({
      base_model: ["org/a", "org/b"],
      base_model_relation: "merge",
      library_name: "transformers",
      tags: ["merge", "mergekit"],
    });
    expect(readFrontMatter(card({ format: "np" }))).toMatchObject({ library_name: "paddlenlp" });
  });

  test("has no base models where none is known by a repository's name, and says so", () => {
    const text = card({ inputs: [described("a"), described("b")] });
    expect(readFrontMatter(text)).toEqual({ library_name: "transformers", tags: ["merge", "mergekit"] });
    expect(text).toContain("---\n# base_model is left out: no input is known by");
  });

  test("names an adapter's repository; a lone adapter makes no merge of its base", () => {
    const alone = { ...recipe, models: [{ path: "/secret/a", adapter: "/secret/lora" }] };
    const entries = readFrontMatter(card({ recipe: alone, inputs: [described("org/a", { adapter: lora })] }));
    expect(entries).toMatchObject({ base_model: ["org/a", "org/lora"] });
    expect(entries).not.toHaveProperty("base_model_relation");
  });

  test.each([
    [["mit", "mit"], undefined, "mit"],
    [["no", "no"], undefined, "no"],
    [["mit", "apache-2.0"], undefined, undefined],
    [["mit", undefined], undefined, undefined],
    [[undefined, undefined], undefined, undefined],
    [["mit", "mit"], lora, undefined],
    [["mit", "mit"], { ...lora, licence: "mit" }, "mit"],
  ])("with the licences %j and an adapter %j has %j", (licences, adapter, licence) => {
    const inputs = licences.map((one, index) =>
      described(`org/${index}`, { ...(one && { licence: one }), ...(index === 0 && adapter && { adapter }) }),
    );
    expect(readFrontMatter(card({ inputs }))["license"]).toBe(licence);
  });
});

test("a lone adapter has no method and no weight", () => {
  const alone = {
    ...recipe,
    models: [{ path: "/secret/a", adapter: "/secret/lora" }],
    combination: { merge: { method: "linear", parameters: { weight: [1], normalize: true } } },
  };
  const text = card({ recipe: alone, inputs: [described("a", { adapter: lora })] });
  expect(text).toContain(
    "\nThe model a with the adapter [org/lora](https://huggingface.co/org/lora) merged into it, made with",
  );
  expect(text).toContain(
    "The [LoRA adapter](https://arxiv.org/abs/2106.09685) is added to the weights of its base.",
  );
  expect(text).toContain('"base_model_path": "a",\n  "lora_model_path": "org/lora",\n');
  expect(text).not.toContain("weight 1");
});

test.each([
  [
    { merge: { method: "slerp", parameters: { alpha: 0.5 } } },
    "[`slerp`](https://en.wikipedia.org/wiki/Slerp): A point",
  ],
  [
    { sparsify: { method: "dare", parameters: {} }, merge: { method: "slerp", parameters: {} } },
    "`dare + slerp`:\n\n- [`dare`](https://arxiv.org/abs/2311.03099): Keeps",
  ],
])("%j is explained as %j", (combination, text) => {
  expect(card({ recipe: { ...recipe, combination } })).toContain(`## Merge Method\n\n${text}`);
});

describe("hostile names", () => {
  const hostile = [
    "---\nlicense: mit\n---",
    "```",
    "[click](https://evil.example)",
    "![](https://evil.example/x.png)",
    "<script>alert(1)</script>",
    "https://evil.example",
    "www.evil.example",
    "me@evil.example",
    "@someone",
    "*bold* _it_ `code` ~~gone~~ | cell",
    "# heading",
    '"quoted": [yaml, {a: b}]',
    "&amp; \\ $x$ :smile:",
    "\u202edesrever\u2066",
  ];

  test.each(hostile)("%j is shown, and does nothing", (name) => {
    const local = modelName({ path: [name], isFile: false });
    const inputs = [described("x", { name: local }), described("y", { adapter: { name: local, files: [] } })];
    const text = card({ title: name, inputs });
    expect(Object.keys(readFrontMatter(text))).toEqual(["library_name", "tags"]);
    const [block, ...others] = text.match(/^```json\n.*?^```$/gms)!;
    expect(others).toEqual([]);
    const shown = JSON.parse(block.replaceAll(/^```.*$/gm, "")) as { model_path_list: readonly string[] };
    expect(shown.model_path_list[0]!.replaceAll("++", "+")).toBe(local.text);
    const outside = text.replace(block, "");
    expect(outside).toContain(`\n# ${plainMarkdown(local.text)}\n`);
    // What stands there unescaped is what stands on every card.
    const harmless = card({
      inputs: [described("x"), described("y", { adapter: { ...lora, name: { text: "z", isHubId: false } } })],
    });
    expect(addresses(outside)).toEqual(addresses(harmless));
    expect(outside).not.toMatch(/[^\P{C}\n]/u);
  });

  function addresses(text: string): readonly string[] {
    return text.replaceAll(/\\[!-~]/g, " ").match(/(?:https?:\/\/|www\.)[\w./-]+|@\w+|<\w+/g) ?? [];
  }

  test("are plain text to Markdown, whatever is in them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        const markdown = plainMarkdown(text);
        expect(markdown.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1")).toBe(text);
        expect(markdown.replaceAll(/\\[!-/:-@[-`{-~]/g, "")).not.toMatch(/[^\w\s\p{Cc}"%',/;=?-]/u);
      }),
    );
  });
});

test("no path of this machine is on a card", () => {
  expect(card({})).not.toContain("secret");
});
