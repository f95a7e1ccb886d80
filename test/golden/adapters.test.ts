import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { merge, plan } from "tensorweld";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/checkpoint.ts";
import { type PlainTensor, readPlainTensors } from "../support/plain-safetensors.ts";
import { refusal } from "../support/refusal.ts";

// Every folder here is a case, written by scripts/golden_adapters.py with the real PEFT; a new one needs no code.
const root = fileURLToPath(new URL("adapters/", import.meta.url));

/** How far an element may be from PEFT's, by type, as a part of the larger of its size and the tensor's mean size. */
const TOLERANCES: Readonly<Record<string, number>> = { F32: 1e-6, F64: 1e-6, BF16: 2 ** -8, F16: 2 ** -11 };

/** The part of a 16-bit tensor's elements that may be the other neighbour, where PEFT's sum lay close to a tie. */
const NEIGHBOUR_SHARE = 0.005;

const settings = [
  { n_process: 2 },
  { n_process: 1, max_memory: "8MB" },
  { n_process: 1, backend: "reference" },
] as const;

describe("an adapter merged into its base", () => {
  for (const name of folders(root).filter((one) => one !== "refused")) {
    const [base, adapter] = [join(root, name, "base"), join(root, name, "adapter")];
    test(`${name}: equals PEFT's own merge, the same for all settings`, async () => {
      const outputs: Buffer[] = [];
      const work = temporaryFolder();
      for (const [index, { n_process, ...setting }] of settings.entries()) {
        const { backend, ...flags } = { backend: undefined, ...setting };
        const output_path = join(work, String(index));
        const config = { base_model_path: base, lora_model_path: adapter, output_path, n_process, ...flags };
        await merge(config, backend && { backend });
        outputs.push(readFileSync(join(output_path, "model.safetensors")));
      }
      expect(outputs.every((output) => output.equals(outputs[0]!))).toBe(true);
      expectClose(
        readPlainTensors(join(work, "0", "model.safetensors")),
        readPlainTensors(join(root, name, "expected.safetensors")),
      );
    });
  }
});

describe("an adapter that is not understood", () => {
  const refused = join(root, "refused");
  test.each(folders(refused))("%s is refused by name", async (name) => {
    const { why } = JSON.parse(readFileSync(join(refused, name, "expected.json"), "utf8")) as { why: string };
    expect(why).not.toBe("");
    const config = {
      base_model_path: join(refused, name, "base"),
      lora_model_path: join(refused, name, "adapter"),
      output_path: join(temporaryFolder(), "out"),
    };
    const { problems } = await refusal(plan(config));
    expect(problems.map(({ code }) => code).every((code) => code.startsWith("adapter/"))).toBe(true);
    expect(existsSync(config.output_path)).toBe(false);
  });
});

function folders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

function expectClose(
  found: ReadonlyMap<string, PlainTensor>,
  expected: ReadonlyMap<string, PlainTensor>,
): void {
  expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, { dtype, shape, values }] of expected) {
    const tensor = found.get(name)!;
    expect([name, tensor.dtype, tensor.shape]).toEqual([name, dtype, shape]);
    const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
    const differing = [...values.keys()].filter((at) => !Object.is(tensor.values[at], values[at]));
    const tolerance = TOLERANCES[dtype] ?? 0;
    const faults = differing
      .filter((at) => {
        const allowed = tolerance * Math.max(Math.abs(values[at]!), mean);
        return !(Math.abs(tensor.values[at]! - values[at]!) <= allowed);
      })
      .map((at) => `${at}: ${tensor.values[at]}, expected ${values[at]}`);
    expect(faults.slice(0, 5), `${faults.length} elements of ${name}`).toEqual([]);
    if (dtype === "F32" || dtype === "F64") continue;
    expect(differing.length, `elements of ${name} that differ`).toBeLessThanOrEqual(
      Math.ceil(values.length * NEIGHBOUR_SHARE),
    );
  }
}
