import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, inspect, merge, readConfig } from "tensorweld";
import { expect, test } from "vitest";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";

const tensor = { dtype: "F32", shape: [4], values: [1, 2, 3, 4] } as const;
const tensors = { v: tensor, w: tensor };

interface Told {
  readonly inputs: readonly { readonly name: string; readonly provenance?: Told }[];
}

async function provenanceOf(folder: string): Promise<Told> {
  const { metadata } = await inspect(folder);
  return JSON.parse(metadata["tensorweld"]!) as Told;
}

/** Names, those of each merge's inputs after it. */
function names({ inputs }: Told): readonly unknown[] {
  return inputs.flatMap(({ name, provenance }) =>
    provenance === undefined ? [name] : [name, names(provenance)],
  );
}

test("three merges, each of the one before, tell of all that went in", async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  for (const name of "abcd") writeCheckpoint(at(name), tensors);
  writeFileSync(join(at("a"), "README.md"), "# A\n");
  const merged = async (inputs: readonly string[], output: string, more: Config = {}): Promise<void> => {
    await merge({ model_path_list: inputs.map(at), output_path: at(output), ...more });
  };
  await merged(["a", "b"], "ab");
  await merged(["ab", "c"], "abc", { merge_method: "dare_linear", max_shard_size: 16 });
  await merged(["abc", "d"], "abcd", { merge_method: "slerp" });

  expect((await inspect(at("abc"))).files).toHaveLength(2);
  const told = await provenanceOf(at("abcd"));
  expect(names(told)).toEqual(["abc", ["ab", ["a", "b"], "c"], "d"]);
  expect(told.inputs[0]!.provenance).toEqual(await provenanceOf(at("abc")));
  expect(told.inputs[0]!.provenance!.inputs[0]!.provenance).toEqual(await provenanceOf(at("ab")));
  expect(readFileSync(join(at("ab"), "README.md"), "utf8")).toContain(
    "\n# ab\n\nA merge of a and b, made with Tensorweld",
  );

  const config = await readConfig(join(at("abcd"), "merge_config.json"));
  await merge({ ...config, output_path: join(folder, "again", "abcd") });
  for (const file of ["model.safetensors", "merge_config.json", "README.md"]) {
    const [one, other] = [at("abcd"), join(folder, "again", "abcd")].map((path) =>
      readFileSync(join(path, file)),
    );
    expect(one!.equals(other!), file).toBe(true);
  }
});

test("without a card of its own the output has the input's", async () => {
  const folder = temporaryFolder();
  const model = writeCheckpoint(join(folder, "a"), tensors);
  writeFileSync(join(model, "README.md"), "# A\n");
  const output = join(folder, "out");
  await merge({ model_path_list: [model, model], output_path: output, model_card: false });
  expect(readFileSync(join(output, "README.md"), "utf8")).toBe("# A\n");
});
