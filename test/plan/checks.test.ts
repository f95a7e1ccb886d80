import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { check, plan } from "../../src/index.ts";
import type { Problem } from "../../src/errors.ts";
import type { Storage } from "../../src/io/storage.ts";
import { memoryErrors, memoryWarnings } from "../../src/plan/checks/machine-memory.ts";
import { judged } from "../../src/plan/checks/strict.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { type Files, warningsFor } from "./checked-models.ts";

test("models that are alike in everything have no warnings", async () => {
  const files = { "config.json": { model_type: "llama", vocab_size: 3 }, "tokenizer.json": "{}" };
  expect(await warningsFor([{ files }, { files }, { files }])).toEqual([]);
  expect(await warningsFor([{}, { files }])).toEqual([]);
});

describe("tokenizers", () => {
  test("that differ in size or contents are told file by file", async () => {
    const a = { "tokenizer.json": "abc", "vocab.json": "{}", "merges.txt": "a", "chat_template.jinja": "x" };
    const b = {
      "tokenizer.json": "abcd",
      "vocab.json": "[]",
      "added_tokens.json": "b",
      "chat_template.jinja": "y",
    };
    expect(await warningsFor([{ files: a }, { files: b }])).toEqual([
      {
        code: "check/tokenizer",
        file: "/b/tokenizer.json",
        message: "is 4 bytes long here and 3 in /a/tokenizer.json",
      },
      {
        code: "check/tokenizer",
        file: "/b/vocab.json",
        message: "has the SHA-256 4f53cda18c2baa0c… here and 44136fa355b3678a… in /a/vocab.json",
        hint: expect.stringContaining("merge models with one vocabulary"),
      },
    ]);
  });

  test("of different lengths are not read, nor are those of enormous ones", async () => {
    const enormous = 60_000_000;
    const opened: string[] = [];
    const watched = (storage: Storage): Storage => ({
      ...storage,
      look: (path) =>
        path.endsWith("tokenizer.model") ? { kind: "file", size: enormous } : storage.look(path),
      open: (path) => {
        opened.push(path);
        return storage.open(path);
      },
    });
    const files = (text: string): Files => ({ "tokenizer.model": text, "vocab.json": text });
    const warnings = await warningsFor([{ files: files("a") }, { files: files("bc") }], {}, watched);
    expect(warnings.map(({ file }) => file)).toEqual(["/b/vocab.json"]);
    expect(opened.filter((path) => !path.endsWith(".safetensors"))).toEqual([]);
  });

  test("that can't be read are told, and stop nothing", async () => {
    const locked = (storage: Storage): Storage => ({
      ...storage,
      open: (path) => storage.open(path === "/b/vocab.json" ? "/nowhere" : path),
    });
    const files = { "vocab.json": "{}" };
    const warnings = await warningsFor([{ files }, { files }], {}, locked);
    expect(warnings).toMatchObject([
      {
        code: "check/tokenizer",
        file: "/b/vocab.json",
        message: "can't be compared with /a/vocab.json: /nowhere is absent",
      },
    ]);
  });
});

describe("element types", () => {
  const wide = { v: "F32", w: "F32", x: "BF16", n: "I64" } as const;
  const narrow = { v: "BF16", w: "BF16", x: "F16", n: "I32" } as const;

  test("that differ are counted, those that are merged", async () => {
    expect(await warningsFor([{ tensors: narrow }, { tensors: wide }])).toEqual([
      { code: "check/dtype", file: "/b", message: "2 tensors are F32 here and BF16 in /a, as in the output" },
      {
        code: "check/dtype",
        file: "/b",
        message: "1 tensor is BF16 here and F16 in /a, as in the output",
        hint: "choose the output's type with --dtype",
      },
    ]);
  });

  test("are no matter where the output's is chosen", async () => {
    expect(await warningsFor([{ tensors: narrow }, { tensors: wide }], { dtype: "F32" })).toEqual([]);
  });

  test("are compared with the base's", async () => {
    const given = { base: { path: "/a" }, models: [{ path: "/b" }, { path: "/c" }] };
    const models = [{ tensors: { w: "F32" } }, { tensors: { w: "F16" } }, { tensors: { w: "F16" } }] as const;
    expect((await warningsFor(models, given)).map(({ file }) => file)).toEqual(["/b", "/c"]);
  });
});

describe("models listed twice", () => {
  test.each([
    ["in the same words", ["/a", "/b", "/a", "/a"], 3],
    ["as a folder and as its file", ["/a", "/b", "/a/model.safetensors"], 2],
  ])("%s are told once", async (_, paths, count) => {
    const files = { "config.json": "broken", "tokenizer.json": "{}" };
    const models = paths.map((path) => ({ path }));
    const warnings = await warningsFor([{ files }, {}], { models });
    expect(warnings.filter(({ code }) => code === "check/duplicate")).toEqual([
      {
        code: "check/duplicate",
        file: "/a",
        message: `is among the models ${count} times, and counts as often`,
        hint: "list it once; with --weight_list it can count for more",
      },
    ]);
    expect(warnings.filter(({ code }) => code === "check/config")).toHaveLength(1);
  });

  test("do not include the base, of which the request tells", async () => {
    const given = { base: { path: "/a" }, models: [{ path: "/a" }, { path: "/b" }] };
    expect(await warningsFor([{}, {}], given)).toEqual([]);
  });
});

describe("memory", () => {
  const memory = { totalBytes: 1000, availableBytes: 500 };

  test.each([
    [500, [], []],
    [501, [], ["the merge takes 501 bytes of memory, and 500 are free now"]],
    [1000, [], ["the merge takes 1000 bytes of memory, and 500 are free now"]],
    [1001, ["the merge takes 1001 bytes of memory, and this machine has 1000"], []],
  ])("for %i bytes of 500 free and 1000 in all", (bytes, errors, warnings) => {
    expect(memoryErrors(bytes, memory).map(({ message }) => message)).toEqual(errors);
    expect(memoryWarnings(bytes, memory).map(({ message }) => message)).toEqual(warnings);
  });

  test("that is not known is enough", () => {
    expect([...memoryErrors(1e15, undefined), ...memoryWarnings(1e15, undefined)]).toEqual([]);
    expect(memoryWarnings(1000, { totalBytes: 1000 })).toEqual([]);
  });
});

describe("strictness", () => {
  const error: Problem = { code: "plan/disk", message: "is full" };
  const warning: Problem = { code: "check/memory", message: "takes much" };

  test("makes errors of warnings, and says how to get rid of it", () => {
    expect(judged({ errors: [error], warnings: [warning, { ...warning, hint: "take less" }] }, true)).toEqual(
      {
        errors: [
          error,
          warning,
          { ...warning, hint: "take less; or leave --strict out to merge in spite of such warnings" },
        ],
        warnings: [],
      },
    );
  });

  test("changes nothing where there are none, or where it is not wanted", () => {
    expect(judged({ errors: [error], warnings: [] }, true)).toEqual({ errors: [error], warnings: [] });
    expect(judged({ errors: [], warnings: [warning] }, false)).toEqual({ errors: [], warnings: [warning] });
  });
});

describe("a merge of models with other settings", () => {
  const config = (): { model_path_list: string[]; output_path: string } => {
    const folder = temporaryFolder();
    const paths = [1, 2].map((theta) => {
      const values = [1, 2];
      const path = writeCheckpoint(join(folder, `m${theta}`), { w: { dtype: "F32", shape: [2], values } });
      writeFileSync(join(path, "config.json"), JSON.stringify({ rope_theta: theta }));
      return path;
    });
    return { model_path_list: paths, output_path: join(folder, "out") };
  };
  const warning = { code: "check/config", message: expect.stringContaining("rope_theta is 2 here and 1 in") };

  test("is planned with a warning", async () => {
    const given = config();
    const made = await plan(given);
    expect(made.warnings).toMatchObject([warning]);
    const { hash, cost, notices } = made;
    expect(await check(given)).toEqual({
      errors: [],
      warnings: made.warnings,
      plan: { hash, cost, notices },
    });
  });

  test("is refused when warnings are errors", async () => {
    const given = { ...config(), strict: true };
    const problems = [{ ...warning, hint: expect.stringContaining("leave --strict out") }];
    await expect(plan(given)).rejects.toMatchObject({ outcome: "refused", problems });
    expect(await check(given)).toMatchObject({ errors: problems, warnings: [] });
  });

  test("is checked for everything at once, errors and warnings", async () => {
    const given = config();
    mkdirSync(given.output_path);
    writeFileSync(join(given.output_path, "notes.txt"), "mine");
    expect(await check(given)).toMatchObject({ errors: [{ code: "output/exists" }], warnings: [warning] });
    expect(await check({ ...given, strict: true })).toMatchObject({
      errors: [{ code: "output/exists" }, warning],
      warnings: [],
    });
  });

  test("is not checked when the request is at fault", async () => {
    await expect(check({ ...config(), seed: -1 })).rejects.toMatchObject({ outcome: "refused" });
  });
});
