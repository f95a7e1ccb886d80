import { expect } from "vitest";

import { bytesOf, type DType } from "../../src/dtype.ts";
import type { Problem } from "../../src/errors.ts";
import type { Storage } from "../../src/io/storage.ts";
import { warningsOf } from "../../src/plan/checks/warnings.ts";
import { openModels } from "../../src/plan/models.ts";
import type { Recipe } from "../../src/recipe/recipe.ts";
import { memoryStorage } from "../support/memory-storage.ts";

/** Files beside a model's weights, objects as JSON. */
export type Files = Readonly<Record<string, string | object>>;

export interface TestModel {
  readonly files?: Files;
  /** Types of its tensors, which have two elements each. */
  readonly tensors?: Readonly<Record<string, DType>>;
}

/** What is found in models in the folders /a, /b …; the first of them leads, and `models` are merged. */
export async function warningsFor(
  written: readonly TestModel[],
  given: Partial<Recipe> = {},
  change: (storage: Storage) => Storage = (storage) => storage,
): Promise<readonly Problem[]> {
  const folders = written.map((_, index) => `/${"abc"[index]}`);
  const contents = written.flatMap(({ files = {}, tensors = { w: "BF16" } }, index) => [
    [`${folders[index]}/model.safetensors`, weightFile(tensors)] as const,
    ...Object.entries(files).map(([name, file]) => {
      const text = typeof file === "string" ? file : JSON.stringify(file);
      return [`${folders[index]}/${name}`, new TextEncoder().encode(text)] as const;
    }),
  ]);
  const storage = change(memoryStorage(new Map(contents)));
  const recipe: Recipe = {
    models: folders.map((path) => ({ path })),
    combination: { merge: { method: "linear", parameters: {} } },
    prefix: "model",
    maxShardBytes: 5e9,
    modelCard: true,
    seed: 42,
    ...given,
  };
  const models = await openModels(storage, recipe);
  if ("problems" in models) return expect.fail(JSON.stringify(models.problems));
  return warningsOf(storage, models, recipe);
}

function weightFile(tensors: Readonly<Record<string, DType>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, dtype]) => {
    const span = [end, (end += bytesOf(dtype, 2))];
    return [name, { dtype, shape: [2], data_offsets: span }];
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const file = new Uint8Array(8 + header.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  return file;
}
