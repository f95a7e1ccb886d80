import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeProblem } from "../../src/errors.ts";
import type { Checkpoint } from "../../src/formats/checkpoint.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { contentsOf } from "../support/checkpoint-contents.ts";
import { refusal } from "../support/refusal.ts";

const golden = join(import.meta.dirname, "../golden/formats");

const weightFile = /\.(?:bin|pt|pth|ckpt)$/;

/** Cases whose model is PyTorch's, in a folder of golden data. */
function casesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "model")))
    .filter((name) => readdirSync(join(folder, name, "model")).some((file) => weightFile.test(file)));
}

const accepted = casesIn(golden);
const refused = casesIn(join(golden, "refused"));

/** The checkpoint in a case's folder: a model's weights by their usual names, or a single file of any name. */
async function openModel(folder: string): Promise<Checkpoint> {
  const names = readdirSync(join(folder, "model"));
  const isAlone = names.length === 1 && !/^(?:pytorch_model|consolidated)\b/.test(names[0]!);
  return openCheckpoint(nodeStorage, join(folder, "model", isAlone ? names[0]! : ""), "model");
}

describe("files that PyTorch wrote", () => {
  test("are there", () => {
    expect(accepted.length).toBeGreaterThan(10);
    expect(refused.length).toBeGreaterThan(10);
  });

  test.each(accepted)("%s holds the same tensors as in safetensors", async (name) => {
    const found = await openModel(join(golden, name));
    const expected = await openCheckpoint(nodeStorage, join(golden, name, "expected.safetensors"), "model");
    expect(found.format).toBe("PyTorch");
    expect(await contentsOf(nodeStorage, found)).toEqual(await contentsOf(nodeStorage, expected));
  });

  test.each(refused)("%s is refused", async (name) => {
    const folder = join(golden, "refused", name);
    const { problems } = await refusal(openModel(folder));
    const text = problems.map((problem) => describeProblem(problem).replaceAll(`${folder}/model/`, ""));
    expect(text.join("\n")).toMatchSnapshot();
  });
});
