import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { TensorweldError } from "../../src/errors.ts";
import { type ExecuteOptions, executePlan } from "../../src/execute/execute.ts";
import { Job } from "../../src/execute/job.ts";
import { startInline, type StartThread } from "../../src/execute/thread.ts";
import { plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";

const values = Array.from({ length: 200_000 }, (_, index) => Math.sin(index));

interface Setting {
  readonly folder: string;
  readonly planned: Plan;
}

async function planned(): Promise<Setting> {
  const folder = temporaryFolder();
  const tensors = {
    weight: { dtype: "F32", shape: [values.length], values },
    step: { dtype: "I64", shape: [], values: [1, 0, 0, 0, 0, 0, 0, 0] },
  } as const;
  const a = writeCheckpoint(join(folder, "a"), tensors);
  const b = writeCheckpoint(join(folder, "b"), {
    ...tensors,
    step: { ...tensors.step, values: [2, 0, 0, 0, 0, 0, 0, 0] },
  });
  writeFileSync(join(a, "config.json"), "{}");
  const config = { model_path_list: [a, b], output_path: join(folder, "out"), max_memory: "1MB" };
  return { folder, planned: await plan(config) };
}

function run(
  setting: Setting,
  options: ExecuteOptions = {},
  startThread: StartThread = startInline(nodeStorage),
) {
  return executePlan(setting.planned, options, { storage: nodeStorage, startThread });
}

async function failureOf(promise: Promise<unknown>): Promise<TensorweldError> {
  return promise.then(
    () => expect.fail("it should have failed"),
    (error: unknown) => error as TensorweldError,
  );
}

test("a merge leaves the output and nothing else", async () => {
  const setting = await planned();
  const report = await run(setting);
  expect(readdirSync(setting.folder).toSorted()).toEqual(["a", "b", "out"]);
  const files = ["README.md", "config.json", "merge_config.json", "merge_manifest.json", "model.safetensors"];
  expect(readdirSync(join(setting.folder, "out")).toSorted()).toEqual(files);
  expect(report).toMatchObject({
    tensors: 2,
    merged: 1,
    copied: 1,
    bytesRead: 1_600_016,
    bytesWritten: 800_008,
  });
});

test("copied tensors that differ between the models are named", async () => {
  const report = await run(await planned());
  expect(report.notices).toContainEqual(
    '"step" is not merged, and its values are not the same in all models',
  );
});

test("the reference backend gives the same bytes", async () => {
  const [first, second] = [await planned(), await planned()];
  await run(first);
  await run(second, { backend: "reference" });
  const bytes = ({ folder }: Setting): Buffer => readFileSync(join(folder, "out", "model.safetensors"));
  expect(bytes(first).equals(bytes(second))).toBe(true);
});

test("progress reaches the announced totals", async () => {
  const seen: number[] = [];
  let last;
  const onProgress: ExecuteOptions["onProgress"] = (progress) => {
    seen.push(progress.bytesDone);
    last = progress;
  };
  await run(await planned(), { onProgress });
  expect(seen).toEqual(seen.toSorted((x, y) => x - y));
  expect(last).toEqual({ bytesDone: 2_400_024, bytesTotal: 2_400_024, tensorsDone: 2, tensorsTotal: 2 });
});

test("a failing worker ends the merge with its cause and leaves nothing behind", async () => {
  const setting = await planned();
  const cause = new TensorweldError("failed", [
    { code: "io/read", file: "x", message: "the disk is on fire" },
  ]);
  let tickets = 0;
  const failing: StartThread = (setup) => {
    const job = new Job(nodeStorage, setup);
    const run = (ticket: Parameters<Job["run"]>[0]) =>
      ++tickets === 2 ? Promise.reject(cause) : job.run(ticket);
    return { run, close: () => job.close() };
  };
  expect(await failureOf(run(setting, {}, failing))).toBe(cause);
  expect(readdirSync(setting.folder).toSorted()).toEqual(["a", "b"]);
});

test("a signal that is aborted beforehand lets nothing happen", async () => {
  const setting = await planned();
  const error = await failureOf(run(setting, { signal: AbortSignal.abort() }));
  expect(error.outcome).toBe("interrupted");
  expect(existsSync(join(setting.folder, "out"))).toBe(false);
});

test.each(["before", "during"])("an input that changes %s the merge fails it", async (when) => {
  const setting = await planned();
  const file = setting.planned.inputs[0]!.path;
  const touch = (): void => utimesSync(file, new Date(1e12), new Date(1e12));
  if (when === "before") touch();
  const error = await failureOf(run(setting, { onProgress: touch }));
  expect(error.problems.map(({ code, file: where }) => [code, where])).toEqual([["io/input-changed", file]]);
  expect(readdirSync(setting.folder).toSorted()).toEqual(["a", "b"]);
});

test("an output that appears during the merge is not touched", async () => {
  const setting = await planned();
  const other = (): void => {
    if (!existsSync(join(setting.folder, "out"))) writeCheckpoint(join(setting.folder, "out"), {});
  };
  const error = await failureOf(run(setting, { onProgress: other }));
  expect(error.problems[0]!.code).toBe("output/exists");
  expect(readdirSync(setting.folder).toSorted()).toEqual([".out.tensorweld", "a", "b", "out"]);
  expect(readdirSync(join(setting.folder, "out"))).toEqual(["model.safetensors"]);
});

test("two merges into one output do not mix: the second is refused while the first runs", async () => {
  const setting = await planned();
  const both = await Promise.allSettled([run(setting), run(setting)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const reasons = both.flatMap((one) => (one.status === "rejected" ? [one.reason as TensorweldError] : []));
  expect(reasons[0]!.problems[0]!.code).toBe("output/locked");
});
