import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { execute, plan, type Plan, TensorweldError } from "tensorweld";
import { expect, test } from "vitest";

import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";

const values = Array.from({ length: 300_000 }, (_, index) => Math.cos(index));

async function planned(folder: string): Promise<Plan> {
  const tensors = { w: { dtype: "F32", shape: [values.length], values } } as const;
  const models = ["a", "b"].map((name) => writeCheckpoint(join(folder, name), tensors));
  return plan({
    model_path_list: models,
    output_path: join(folder, "out"),
    n_process: 2,
    max_memory: "25MB",
  });
}

async function failureOf(promise: Promise<unknown>): Promise<TensorweldError> {
  const error: unknown = await promise.then(
    () => expect.fail("it should have failed"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TensorweldError);
  return error as TensorweldError;
}

test("a worker's error arrives with its class, its problems and the worker's stack", async () => {
  const folder = temporaryFolder();
  const made = await planned(folder);
  const { path } = made.inputs[0]!;
  truncateSync(path, 1_000_000);
  // Only the check for changed files stands between this plan and the workers.
  const { size, mtimeMs: modified } = statSync(path);
  const inputs = made.inputs.map((input) => (input.path === path ? { ...input, size, modified } : input));
  const lying: Plan = { ...made, inputs };
  const error = await failureOf(execute(lying));
  expect(error.outcome).toBe("failed");
  expect(error.problems).toMatchObject([{ code: "io/short-read", file: path }]);
  expect(String(error.cause)).toContain("InputReader.read");
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b"]);
});

test("a worker that dies ends the merge with the cause, and leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const made = await planned(folder);
  const impossible: Plan = { ...made, schedule: { ...made.schedule, workerBytes: 2 ** 50 } };
  const error = await failureOf(execute(impossible));
  expect(error.outcome).toBe("failed");
  expect(error.problems).toMatchObject([{ code: "execute/worker" }]);
  expect(error.message).toContain("a worker died");
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b"]);
});

test("an abort stops real threads, too", async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const error = await failureOf(
    execute(await planned(folder), { signal: stop.signal, onProgress: () => stop.abort() }),
  );
  expect(error.outcome).toBe("interrupted");
  expect(readdirSync(folder).toSorted()).toEqual([".out.tensorweld", "a", "b"]);
});
