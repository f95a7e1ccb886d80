import { join } from "node:path";
import { expect, test } from "vitest";

import { plan } from "../../src/index.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";

const large: TestTensor = {
  dtype: "F32",
  shape: [300_000],
  values: Array.from({ length: 300_000 }, () => 1),
};

/** A configuration of two models that have it as their only tensor. */
function twoModels(): { model_path_list: string[]; output_path: string } {
  const folder = temporaryFolder();
  const paths = ["a", "b"].map((name) => writeCheckpoint(join(folder, name), { w: large }));
  return { model_path_list: paths, output_path: join(folder, "out") };
}

test("a GPU is given three long chunks at one time, or fewer where memory is short", async () => {
  const config = twoModels();
  const onGpu = { ...config, device: "gpu", tensor_type: "pd", n_process: 1 } as const;
  const made = await plan(onGpu);
  expect(made.tasks[0]!.chunkElements).toBe(64 * 65_536);
  expect(made.schedule.workers).toBe(3);
  // Room for two of the shortest chunks, three tensors' descriptions and 22 MB of a second worker.
  const short = await plan({ ...onGpu, max_memory: 2 * 3 * 65_536 * 4 + 3 * 1100 + 22_000_000 });
  expect(short.schedule.workers).toBe(2);
  expect(short.tasks[0]!.chunkElements).toBe(65_536);
  expect(short.notices).toEqual([]);
});

test("too small a memory is refused with what is needed", async () => {
  const config = twoModels();
  const buffers = 3 * 65_536 * 4;
  // One tensor each of two inputs and the output.
  const smallest = buffers + 3 * 1100;
  await expect(plan({ ...config, max_memory: smallest - 1 })).rejects.toMatchObject({
    outcome: "refused",
    problems: [
      { code: "plan/memory", key: "max_memory", message: expect.stringContaining(String(smallest)) },
    ],
  });
  const made = await plan({ ...config, max_memory: smallest });
  expect(made.tasks[0]!.chunkElements).toBe(65_536);
  expect(made.cost.bufferBytes).toBe(buffers);
});
