import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/formats/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { contentsOf } from "../support/checkpoint-contents.ts";
import { refusal } from "../support/refusal.ts";

const golden = join(import.meta.dirname, "../golden/formats");

/** Cases whose model is Paddle's, in a folder of golden data. */
function casesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "model")))
    .filter((name) => readdirSync(join(folder, name, "model")).some((file) => file.endsWith(".pdparams")));
}

const accepted = casesIn(golden);
const refused = casesIn(join(golden, "refused"));

describe("files that NumPy and Paddle wrote", () => {
  test("are there", () => {
    expect(accepted.length).toBeGreaterThan(20);
    expect(refused.length).toBeGreaterThan(10);
  });

  test.each(accepted)("%s holds the same tensors as in safetensors", async (name) => {
    const isMaster = name.endsWith("master-weights");
    const found = await openCheckpoint(
      nodeStorage,
      join(golden, name, "model"),
      isMaster ? "master_weights" : "model",
    );
    const expected = await openCheckpoint(nodeStorage, join(golden, name, "expected.safetensors"), "model");
    expect(found.format).toBe("pdparams");
    expect(await contentsOf(nodeStorage, found)).toEqual(await contentsOf(nodeStorage, expected));
  });

  test("are found by their prefix", async () => {
    const folder = join(golden, "pdparams-master-weights");
    const found = await openCheckpoint(nodeStorage, join(folder, "model"), "model");
    const expected = await openCheckpoint(nodeStorage, join(folder, "expected-model.safetensors"), "model");
    expect(await contentsOf(nodeStorage, found)).toEqual(await contentsOf(nodeStorage, expected));
  });

  test.each(refused)("%s is refused", async (name) => {
    const attempt = openCheckpoint(nodeStorage, join(golden, "refused", name, "model"), "model");
    const { problems } = await refusal(attempt);
    for (const { code, file } of problems) {
      expect(code).toMatch(/^(pickle|pdparams)\//);
      expect(file).toContain(name);
    }
  });
});
