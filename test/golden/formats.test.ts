import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Config, merge } from "tensorweld";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/checkpoint.ts";

// Every folder here is a case, written by scripts/golden_formats.py with the real NumPy, PyTorch and Paddle; a new one
// needs no code here.
const root = fileURLToPath(new URL("formats/", import.meta.url));

const cases = readdirSync(root).filter((name) => name !== "refused");

test.each(cases)("%s merges to the bytes that safetensors merges to", async (name) => {
  const work = temporaryFolder();
  const same = join(work, "same");
  mkdirSync(same);
  copyFileSync(expectedOf(name), join(same, "model.safetensors"));
  const mixed = await mergedData(work, [modelOf(name), same]);
  expect(mixed.equals(await mergedData(work, [same, same]))).toBe(true);
});

test("merge_prefix master_weights reads and writes that family", async () => {
  const folder = join(root, "pdparams-master-weights");
  const work = temporaryFolder();
  const same = join(work, "same");
  mkdirSync(same);
  copyFileSync(join(folder, "expected.safetensors"), join(same, "master_weights.safetensors"));
  const model = join(folder, "model");
  const mixed = await mergedData(work, [model, same], "master_weights");
  expect(mixed.equals(await mergedData(work, [same, same], "master_weights"))).toBe(true);
});

/** A folder with two families of weights has a file for each. */
function expectedOf(name: string): string {
  const [plain, ofModel] = ["expected.safetensors", "expected-model.safetensors"].map((file) =>
    join(root, name, file),
  );
  return existsSync(ofModel!) ? ofModel! : plain!;
}

/** The folder of weights; a file that has no name of a folder's weights is given itself. */
function modelOf(name: string): string {
  const folder = join(root, name, "model");
  return existsSync(join(folder, "checkpoint.pt")) ? join(folder, "checkpoint.pt") : folder;
}

let outputs = 0;

/** All that follows the header of the merged file: which metadata there are depends on the leading model's format. */
async function mergedData(
  work: string,
  models: readonly string[],
  prefix: "model" | "master_weights" = "model",
): Promise<Buffer> {
  const output_path = join(work, `out-${outputs++}`);
  const config: Config = {
    model_path_list: models,
    merge_prefix: prefix,
    weight_list: [0.7, 0.3],
    output_path,
    allow_non_finite: true,
  };
  await merge(config);
  return dataOf(join(output_path, `${prefix}.safetensors`));
}

function dataOf(file: string): Buffer {
  const bytes = readFileSync(file);
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
}
