import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { merge } from "tensorweld";
import { expect, test } from "vitest";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { type PlainTensor, readPlainTensors } from "../support/plain-safetensors.ts";
import { randomNumbers } from "../support/random-numbers.ts";

// More elements than a chunk has.
const [rows, columns, rank] = [2100, 301, 5];

/** A base, another model and an adapter for the base, in a folder of their own. */
function written(dora: boolean): { readonly base: string; readonly other: string; readonly adapter: string } {
  const folder = temporaryFolder();
  const tensor = (size: readonly number[], seed: number): TestTensor => {
    const elements = size.reduce((product, length) => product * length, 1);
    return { dtype: "F32", shape: size, values: randomNumbers(elements, seed) };
  };
  const weights = (seed: number) => ({
    "layer.weight": tensor([rows, columns], seed),
    "norm.weight": tensor([columns], seed + 1),
  });
  const module = "base_model.model.layer";
  const factors = {
    [`${module}.lora_A.weight`]: tensor([rank, columns], 7),
    [`${module}.lora_B.weight`]: tensor([rows, rank], 8),
    ...(dora && { [`${module}.lora_magnitude_vector`]: tensor([rows], 9) }),
  };
  const adapter = writeCheckpoint(join(folder, "adapter"), factors, "adapter_model.safetensors");
  const settings = { peft_type: "LORA", r: rank, lora_alpha: 10, use_dora: dora };
  writeFileSync(join(adapter, "adapter_config.json"), JSON.stringify(settings));
  return {
    base: writeCheckpoint(join(folder, "base"), weights(1)),
    other: writeCheckpoint(join(folder, "other"), weights(4)),
    adapter,
  };
}

async function merged(config: object): Promise<ReadonlyMap<string, PlainTensor>> {
  const output_path = join(temporaryFolder(), "out");
  await merge({ ...config, output_path });
  return readPlainTensors(join(output_path, "model.safetensors"));
}

const combinations = [
  { merge_method: "linear" },
  { merge_method: "slerp" },
  { merge_method: "ties" },
  { merge_method: "della" },
  { sparsify_type: "dare", merge_type: "ties" },
] as const;

test.each(combinations.flatMap((flags) => [false, true].map((dora) => ({ ...flags, dora }))))(
  "a model with an adapter is merged as the model that has it built in: %j",
  async ({ dora, ...flags }) => {
    const { base, other, adapter } = written(dora);
    const builtIn = join(temporaryFolder(), "built-in");
    await merge({ base_model_path: base, lora_model_path: adapter, output_path: builtIn });

    const common = { ...flags, base_model_path: base };
    const expected = await merged({ ...common, model_path_list: [builtIn, other] });
    const models = [`${base}+${adapter}`, other];
    for (const setting of [{ n_process: 2 }, { n_process: 1, max_memory: "58MB" }]) {
      expect(await merged({ ...common, ...setting, model_path_list: models })).toEqual(expected);
    }
  },
);

test("a base with an adapter is a base like any other", async () => {
  const { base, other, adapter } = written(false);
  const builtIn = join(temporaryFolder(), "built-in");
  await merge({ base_model_path: base, lora_model_path: adapter, output_path: builtIn });
  const models = { merge_method: "ties", model_path_list: [base, other] } as const;
  const [found, expected] = [
    await merged({ ...models, base_model_path: `${base}+${adapter}` }),
    await merged({ ...models, base_model_path: builtIn }),
  ];
  expect(found).toEqual(expected);
});
