import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";

const root = join(import.meta.dirname, "../..");

test("what the package ships needs no other package, in no thread and for no request", () => {
  const folder = temporaryFolder();
  const installed = join(folder, "tensorweld");
  for (const part of ["dist", "package.json"]) {
    cpSync(join(root, part), join(installed, part), { recursive: true });
  }
  const program = join(installed, "dist/cli/main.js");
  const models = ["a", "b"].map((name, index) =>
    writeCheckpoint(join(folder, name), { weight: { dtype: "F32", shape: [2], values: [1, 2 * index] } }),
  );
  const recipe = join(folder, "recipe.yml");
  const sources = models.map((model) => `{ model: ${JSON.stringify(model)}, parameters: { weight: 1 } }`);
  writeFileSync(recipe, `merge_method: linear\nmodels: [${sources.join(", ")}]\ndtype: float32\n`);
  const merge = (name: string, ...args: readonly string[]): Buffer => {
    const output = join(folder, name);
    execFileSync(process.execPath, [program, "merge", ...args, output], { cwd: folder, stdio: "pipe" });
    return readFileSync(join(output, "model.safetensors")).subarray(-8);
  };

  const average = Buffer.from(new Float32Array([1, 1]).buffer);
  expect(merge("by-flags", "--model_path_list", ...models, "--output_path")).toEqual(average);
  expect(merge("by-recipe", recipe)).toEqual(average);
});

test("the licences of all that is in it come with it", () => {
  const licences = readFileSync(join(root, "dist/licences-of-others.txt"), "utf8");
  const named = [...licences.matchAll(/^(\S+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name);
  expect(named).toEqual(["commander", "yaml", "zod"]);
  expect(licences.match(/Permission (is hereby granted|to use)/g)).toHaveLength(named.length);
});
