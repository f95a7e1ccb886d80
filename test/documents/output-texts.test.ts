import { describe, expect, test } from "vitest";

import type { OpenedModel, OpenedModels } from "../../src/documents/inputs.ts";
import { type OutputTexts, outputTexts } from "../../src/documents/output-texts.ts";
import type { Provenance } from "../../src/documents/provenance.ts";
import type { Recipe, Request } from "../../src/recipe/recipe.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { hash, recipe } from "./described.ts";
import { type Entries, readFrontMatter } from "./front-matter.ts";

const settings: Request["settings"] = {
  outputPath: "/work/out",
  workers: 1,
  memoryBytes: 1,
  allowNonFinite: false,
  writeReport: false,
  resume: false,
  overwrite: false,
  strict: false,
};

/** A model whose weights, and those of its adapter, lie at these paths. */
function opened(file: string, adapterFiles: readonly string[] = [], metadata: object = {}): OpenedModel {
  const [own, ...more] = [file, ...adapterFiles].map((path) => ({
    path,
    size: 1,
    modified: 0,
    headerHash: hash,
  }));
  const path = file.slice(0, file.lastIndexOf("/"));
  const pairs = new Map<string, string>(Object.entries(metadata));
  const checkpoint = {
    path,
    format: "safetensors",
    files: [own!],
    tensors: new Map(),
    metadata: pairs,
    notices: [],
  };
  return { checkpoint, files: [own!, ...more] };
}

interface Setting {
  readonly files?: Readonly<Record<string, string>>;
  readonly models?: OpenedModels;
  readonly given?: Partial<Recipe>;
}

const models = { models: [opened("/m/a/model.safetensors"), opened("/m/b/model.safetensors")] };
const paths = { models: [{ path: "/m/a" }, { path: "/m/b" }] };

async function textsOf({
  files = {},
  models: given = models,
  given: more = paths,
}: Setting): Promise<OutputTexts> {
  const names = [...given.models, ...(given.base ? [given.base] : [])].flatMap((model) => model.files);
  const contents = [...names.map(({ path }) => [path, "weights"] as const), ...Object.entries(files)];
  const storage = memoryStorage(
    new Map(contents.map(([path, text]) => [path, new TextEncoder().encode(text)])),
  );
  return outputTexts(storage, { recipe: { ...recipe, ...more }, settings, notices: [] }, given, "pt");
}

function provenanceIn({ metadata }: OutputTexts): Provenance {
  return JSON.parse(metadata.get("tensorweld")!) as Provenance;
}

function entriesIn({ documents }: OutputTexts): Entries {
  return readFrontMatter(documents.find(({ name }) => name === "README.md")!.text);
}

test("are the provenance, the same beneath the configuration, and a card with the folder's name", async () => {
  const texts = await textsOf({});
  expect(texts.documents.map(({ name }) => name)).toEqual(["merge_config.json", "README.md"]);
  const [configuration, card] = texts.documents.map(({ text }) => text);
  expect(Object.keys(JSON.parse(configuration!) as object).at(-1)).toBe("provenance");
  expect(JSON.parse(configuration!)).toMatchObject({
    model_path_list: ["/m/a", "/m/b"],
    provenance: provenanceIn(texts),
  });
  expect(card).toContain("\n# out\n");
  expect(texts.metadata.get("tensorweld")).not.toContain("/m/");
  expect(card).not.toContain("/m/");
});

test("have no card where none is wanted", async () => {
  const { documents } = await textsOf({ given: { ...paths, modelCard: false } });
  expect(documents.map(({ name }) => name)).toEqual(["merge_config.json"]);
});

test("tell base, models, weights, adapters and files", async () => {
  const texts = await textsOf({
    given: {
      models: [{ path: "/m/a", adapter: "/m/lora" }, { path: "/m/b" }],
      base: { path: "/m/base/model.safetensors" },
    },
    models: {
      base: opened("/m/base/model.safetensors"),
      models: [
        opened("/m/a/model-00001-of-00001.safetensors", [
          "/m/lora/adapter_config.json",
          "/m/lora/adapter.safetensors",
        ]),
        opened("/m/b/m\u001b.safetensors"),
      ],
    },
  });
  expect(provenanceIn(texts).inputs).toEqual([
    { name: "base/model.safetensors", role: "base", files: [{ name: "model.safetensors", header: hash }] },
    {
      name: "a",
      role: "model",
      weight: 0.7,
      adapter: {
        name: "lora",
        files: [
          { name: "adapter_config.json", header: hash },
          { name: "adapter.safetensors", header: hash },
        ],
      },
      files: [{ name: "model-00001-of-00001.safetensors", header: hash }],
    },
    { name: "b", role: "model", weight: 0.3, files: [{ name: "m\\u001b.safetensors", header: hash }] },
  ]);
});

describe("names and licences", () => {
  const mit = "---\nlicense: mit\n---\n";

  test("come from the files beside the weights", async () => {
    const texts = await textsOf({
      files: {
        "/m/a/config.json": '{"_name_or_path": "org/a", "vocab_size": 3}',
        "/m/b/config.json": '{"_name_or_path": "/home/me/b"}',
        "/m/a/README.md": mit,
        "/m/b/README.md": `${mit}# B`,
      },
    });
    expect(entriesIn(texts)).toMatchObject({ base_model: ["org/a"], license: "mit" });
    expect(provenanceIn(texts).inputs.map(({ name }) => name)).toEqual(["org/a", "b"]);
  });

  test("come from the folder of an adapter's files, too", async () => {
    const alone = {
      given: { models: [{ path: "/m/a", adapter: "/m/lora" }] },
      models: { models: [opened("/m/a/model.safetensors", ["/m/lora/adapter.safetensors"])] },
    };
    const files = { "/m/a/README.md": mit };
    expect(entriesIn(await textsOf({ ...alone, files }))).not.toHaveProperty("license");
    const both = {
      ...files,
      "/m/lora/README.md": mit,
      "/m/lora/config.json": '{"_name_or_path":"org/lora"}',
    };
    expect(entriesIn(await textsOf({ ...alone, files: both }))).toMatchObject({
      base_model: ["org/lora"],
      license: "mit",
    });
  });

  test.each([
    ["{", "---\nlicense: mit"],
    ["[]", "\u0000"],
    [`{"_name_or_path": ["org/a"]}`, ""],
    [
      `{"a": "${"x".repeat(1_000_000)}", "_name_or_path": "org/a"}`,
      `---\ntags: ${"x".repeat(65_536)}\nlicense: mit\n---\n`,
    ],
  ])("are left out where the files are broken or endless", async (config, card) => {
    const files = { "/m/a/config.json": config, "/m/a/README.md": card, "/m/b/README.md": mit };
    expect(entriesIn(await textsOf({ files }))).toEqual({
      library_name: "transformers",
      tags: ["merge", "mergekit"],
    });
  });
});

test("what an input brings as its provenance is taken over when it is one, else its hash", async () => {
  const first = await textsOf({});
  const brings = (text: string): OpenedModels => ({
    models: [opened("/m/a/model.safetensors", [], { tensorweld: text }), opened("/m/b/model.safetensors")],
  });
  const text = first.metadata.get("tensorweld")!;
  expect(provenanceIn(await textsOf({ models: brings(text) })).inputs).toMatchObject([
    { name: "a", provenance: provenanceIn(first) },
    { name: "b" },
  ]);
  const { inputs } = provenanceIn(await textsOf({ models: brings(`${text} `) }));
  expect(inputs[0]!.provenance).toMatch(/^sha256:[0-9a-f]{64}$/);
});
