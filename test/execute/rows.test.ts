import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";

import { executePlan } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { BLOCK_ELEMENTS } from "../../src/formula/reductions.ts";
import { plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type * as allMethods from "../../src/methods/index.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { rowMerges } from "./row-merges.ts";

vi.mock("../../src/methods/index.ts", async (original) => {
  const real = await original<typeof allMethods>();
  const { rowMerges } = await import("./row-merges.ts");
  const linear = real.methods.get("linear")!;
  const ours = Object.entries(rowMerges).map(([name, merge]) => [name, { ...linear, name, merge }] as const);
  const parts = { ...real.parts, methods: [...real.parts.methods, ...Object.keys(rowMerges)] };
  return { ...real, methods: new Map([...real.methods, ...ours]), parts };
});

type Shapes = Readonly<Record<string, readonly number[]>>;

/** Tensors that are cut within rows and at their ends, of rows longer than a block, of a single row, and of none. */
const shapes: Shapes = {
  tall: [230, 1001],
  aligned: [3, BLOCK_ELEMENTS],
  wide: [3, 70_000],
  deep: [40, 10, 20, 9],
  narrow: [66_000, 1],
  vector: [BLOCK_ELEMENTS * 2 + 5],
  small: [3, 5],
  single: [],
  none: [4, 0],
};

/** Two models of those tensors, and where they are to be merged. */
function writeModels(tensorShapes: Shapes): { model_path_list: string[]; output_path: string } {
  const folder = temporaryFolder();
  const paths = [0.37, 0.71].map((phase) => {
    const tensors = Object.entries(tensorShapes).map(([name, shape], number) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const values = Array.from({ length }, (_, at) => Math.sin(at * at * phase + number));
      return [name, { dtype: "BF16" as const, shape, values }] as const;
    });
    return writeCheckpoint(join(folder, String(phase)), Object.fromEntries(tensors));
  });
  return { model_path_list: paths, output_path: join(folder, "out") };
}

interface Way {
  /** Blocks of a chunk. */
  readonly blocks: number;
  readonly workers: number;
  readonly backend?: "wasm" | "reference";
}

/** The output's weights. */
async function merged(
  merge: string,
  of: Shapes,
  { blocks, workers, backend = "wasm" }: Way,
): Promise<Buffer> {
  const models = writeModels(of);
  const planned = await plan({ ...models, merge_type: merge, n_process: workers });
  const tasks = planned.tasks.map((task) => ({ ...task, chunkElements: blocks * BLOCK_ELEMENTS }));
  const startThread = startInline(nodeStorage);
  await executePlan({ ...planned, tasks }, { backend }, { storage: nodeStorage, startThread });
  return readFileSync(join(models.output_path, "model.safetensors"));
}

describe.each(Object.keys(rowMerges))("a merge by rows (%s)", (merge) => {
  test("has the same bytes however its tensors are cut up", async () => {
    const wanted = await merged(merge, shapes, { blocks: 10, workers: 1 });
    for (const way of [
      { blocks: 1, workers: 1 },
      { blocks: 1, workers: 4 },
      { blocks: 2, workers: 2 },
    ]) {
      expect((await merged(merge, shapes, way)).equals(wanted), JSON.stringify(way)).toBe(true);
    }
  });

  test("has the bytes that the reference gives", async () => {
    const few = { tall: [70, 1001], small: [3, 5] };
    const way = { blocks: 1, workers: 1 };
    const wanted = await merged(merge, few, { ...way, backend: "reference" });
    expect((await merged(merge, few, way)).equals(wanted)).toBe(true);
  });
});

test("a chunk takes the rows that it cuts; where memory has no room for them, the merge is refused", async () => {
  const config = { ...writeModels(shapes), merge_type: "direction" };
  const { tasks } = await plan({ ...config, max_memory: "1300KB" });
  const blocks = tasks.map(({ name, chunkElements }) => [name, chunkElements / BLOCK_ELEMENTS]);
  // Three BF16 tensors: 216,666 elements fit.
  expect(Object.fromEntries(blocks)).toMatchObject({ tall: 3, wide: 9, aligned: 8 });
  const refused = plan({ ...config, max_memory: "1200KB" });
  await expect(refused).rejects.toMatchObject({ problems: [{ code: "plan/memory" }] });
});
