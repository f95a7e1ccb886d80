import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { merge } from "tensorweld";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../support/checkpoint.ts";
import { goldenCase, goldenInputs, goldenRequest } from "../support/golden-case.ts";
import { type PlainTensor, readPlainTensors } from "../support/plain-safetensors.ts";

// Every folder beside this file is a case, written by scripts/golden_methods.py; a new one needs no code here.
const root = fileURLToPath(new URL("methods/", import.meta.url));

const numbers = z.array(z.number());
const caseFile = goldenCase.extend({
  /** What must not show in the output: one merge for each. */
  settings: z
    .array(
      z.strictObject({
        n_process: z.number(),
        max_memory: z.string().optional(),
        backend: z.enum(["wasm", "reference"]).optional(),
      }),
    )
    .default([{ n_process: 2 }, { n_process: 1, backend: "reference" }]),
  /** Elements here and there and what they may be, in place of the folders `least` and `most`. */
  samples: z.record(z.string(), z.strictObject({ at: numbers, least: numbers, most: numbers })).optional(),
  /** How many elements of a tensor are not zero, at least and at most. */
  nonzero: z.record(z.string(), z.tuple([z.number(), z.number()])).default({}),
});
type Case = z.infer<typeof caseFile>;

const output = "model.safetensors";

for (const name of readdirSync(root).toSorted()) {
  const folder = join(root, name);
  const golden = caseFile.parse(JSON.parse(readFileSync(join(folder, "case.json"), "utf8")));
  describe(`${name}: ${golden.note}`, () => {
    test("lies within its bounds, the same for all settings", async () => {
      const work = temporaryFolder();
      const inputs = await goldenInputs(golden, folder, work);
      const hashes = new Set<string>();
      for (const [index, { backend, ...flags }] of golden.settings.entries()) {
        const path = join(work, `output-${index}`);
        await merge(goldenRequest(golden, inputs, { ...flags, output_path: path }), backend && { backend });
        hashes.add(
          createHash("sha256")
            .update(readFileSync(join(path, output)))
            .digest("hex"),
        );
      }
      expect(hashes.size).toBe(1);
      const found = readPlainTensors(join(work, "output-0", output));
      if (golden.samples === undefined) expectWithin(found, join(folder, "least"), join(folder, "most"));
      else expectSamples(found, golden);
    });
  });
}

function expectWithin(found: ReadonlyMap<string, PlainTensor>, least: string, most: string): void {
  const [low, high] = [least, most].map((folder) => readPlainTensors(join(folder, output)));
  expect([...found].map(outline)).toEqual([...low!].map(outline));
  for (const [name, { values }] of found) {
    const [from, to] = [low!.get(name)!.values, high!.get(name)!.values];
    const outside = [...values.keys()].filter((at) => !(values[at]! >= from[at]! && values[at]! <= to[at]!));
    const faults = outside.map((at) => `${at}: ${values[at]} is not from ${from[at]} to ${to[at]}`);
    expect(faults.slice(0, 5), `${faults.length} elements of ${JSON.stringify(name)}`).toEqual([]);
  }
}

function outline([name, { dtype, shape }]: readonly [string, PlainTensor]): readonly unknown[] {
  return [name, dtype, ...shape];
}

function expectSamples(found: ReadonlyMap<string, PlainTensor>, { samples = {}, nonzero }: Case): void {
  for (const [name, { at, least, most }] of Object.entries(samples)) {
    const { values } = found.get(name)!;
    // Written as the shortest decimal numbers that a float32 rounds to.
    const faults = at
      .map((element, index) => [
        element,
        values[element]!,
        Math.fround(least[index]!),
        Math.fround(most[index]!),
      ])
      .filter(([, value, low, high]) => !(value! >= low! && value! <= high!));
    expect(faults.slice(0, 5), `${faults.length} samples of ${name}: element, value, least, most`).toEqual(
      [],
    );
  }
  for (const [name, [fewest, most]] of Object.entries(nonzero)) {
    const count = found.get(name)!.values.filter((value) => value !== 0).length;
    expect(count, `elements of ${name} that are not zero`).toBeGreaterThanOrEqual(fewest);
    expect(count, `elements of ${name} that are not zero`).toBeLessThanOrEqual(most);
  }
}
