import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { openAdapter } from "../../src/adapters/adapter.ts";
import { applyAdapter } from "../../src/adapters/apply.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { nodeStorage as storage } from "../../src/io/node.ts";
import { applyUpdate, readElements } from "../support/apply-update.ts";
import { readPlainTensors } from "../support/plain-safetensors.ts";
import { problemsOf } from "./small-adapter.ts";

const folder = join(import.meta.dirname, "..", "golden", "adapters");
const cases = readdirSync(folder).filter((name) => existsSync(join(folder, name, "expected.safetensors")));

/** The difference allowed, relative to a tensor's largest element: the type's rounding beyond float32's own. */
const tolerances: Readonly<Record<string, number>> = { F32: 1e-6, F16: 2 ** -10, BF16: 2 ** -7 };

describe("what an adapter does to its base is what its own library does", () => {
  test.each(cases)("%s", async (name) => {
    const base = await openCheckpoint(storage, join(folder, name, "base"), "model");
    const adapter = await openAdapter(storage, join(folder, name, "adapter"));
    const { updates, replacements } = applyAdapter(adapter, base);
    const expected = readPlainTensors(join(folder, name, "expected.safetensors"));
    expect([...base.tensors.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
    for (const tensor of base.tensors.values()) {
      const { dtype, values } = expected.get(tensor.name)!;
      const weight = await readElements(storage, replacements.get(tensor.name) ?? tensor);
      const update = updates.get(tensor.name);
      const made = update === undefined ? weight : await applyUpdate(storage, weight, update);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const isFar = (_: number, index: number): boolean =>
        Math.abs(made[index]! - values[index]!) > tolerances[dtype]! * largest;
      const far = [...values.keys()].filter(isFar);
      expect(far, `elements of ${tensor.name} that differ`).toEqual([]);
    }
  });
});

describe("what no merge of weights can express, or does not fit the base, is refused by name", () => {
  /** How messages put what the cases describe in other words. */
  const words: Readonly<Record<string, RegExp>> = {
    "grouped convolution": /adapter\/shape.*convolutions with groups/,
    "layer not in the base": /adapter\/unmatched.*lacks 2: "model\.layers\.1\.self_attn\.q_proj\.weight"/,
    "no key matches the base": /adapter\/unmatched.*2 tensors, of which .* lacks 2/,
    "rows of the embedding": /adapter\/shape.*resized from 40 to 44/,
    shape: /adapter\/shape.*\[8, 8\] in .*\[16, 16\]/,
  };

  test.each(readdirSync(join(folder, "refused")))("%s", async (name) => {
    const path = join(folder, "refused", name);
    const { why } = JSON.parse(readFileSync(join(path, "expected.json"), "utf8")) as { why: string };
    const problems = await problemsOf(async () => {
      const base = await openCheckpoint(storage, join(path, "base"), "model");
      return applyAdapter(await openAdapter(storage, join(path, "adapter")), base);
    });
    const [first] = problems.map(({ code, message, hint }) => `${code}: ${message}; ${hint}`);
    expect(first).toMatch(words[why] ?? new RegExp(`^adapter/unsupported: .*${why}`));
  });
});
