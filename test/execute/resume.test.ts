import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { TensorweldError } from "../../src/errors.ts";
import { type ExecuteOptions, executePlan } from "../../src/execute/execute.ts";
import { Job } from "../../src/execute/job.ts";
import type { Report } from "../../src/execute/report.ts";
import { startInline, type StartThread } from "../../src/execute/thread.ts";
import { type Config, plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { Storage } from "../../src/io/storage.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { randomNumbers } from "../support/random-numbers.ts";
import { refusal } from "../support/refusal.ts";

/** Several chunks, so that workers share it pass by pass. */
const largeElements = 600_000;

/** Two models and a base in a folder of their own, and the flags that merge them. */
function written(): { readonly folder: string; readonly config: Config } {
  const folder = temporaryFolder();
  const tensors = (seed: number): Record<string, TestTensor> => ({
    large: { dtype: "F32", shape: [largeElements], values: randomNumbers(largeElements, seed) },
    small: { dtype: "BF16", shape: [300], values: randomNumbers(300, seed) },
    step: { dtype: "I64", shape: [], values: [seed, 0, 0, 0, 0, 0, 0, 0] },
  });
  const models = ["a", "b"].map((name, index) => writeCheckpoint(join(folder, name), tensors(index + 1)));
  const base_model_path = writeCheckpoint(join(folder, "base"), tensors(9));
  const output_path = join(folder, "out");
  return { folder, config: { model_path_list: models, base_model_path, output_path, max_memory: "8MB" } };
}

interface Run {
  readonly options?: ExecuteOptions;
  readonly startThread?: StartThread;
  readonly storage?: Storage;
}

async function run(
  config: Config,
  { options = {}, storage = nodeStorage, ...more }: Run = {},
): Promise<Report> {
  const startThread = more.startThread ?? startInline(storage);
  return executePlan(await plan(config), options, { storage, startThread });
}

async function failureOf(promise: Promise<unknown>): Promise<TensorweldError> {
  return promise.then(
    () => expect.fail("it should have failed"),
    (error: unknown) => error as TensorweldError,
  );
}

/** Threads that count their tickets and, from number `last` on, fail as when a disk is full. */
function counting(last = Infinity): { readonly startThread: StartThread; readonly tickets: () => number } {
  let tickets = 0;
  const full = new TensorweldError("failed", [{ code: "io/write", message: "is full" }], { retryable: true });
  const startThread: StartThread = (setup) => {
    const job = new Job(nodeStorage, setup);
    const work = (ticket: Parameters<Job["run"]>[0]) =>
      ++tickets >= last ? Promise.reject(full) : job.run(ticket);
    return { run: work, close: () => job.close() };
  };
  return { startThread, tickets: () => tickets };
}

const outputOf = (folder: string): Buffer => readFileSync(join(folder, "out", "model.safetensors"));

const methods = ["linear", "slerp", "ties", "dare_ties", "della"] as const;

describe.each(methods)("%s, stopped at any ticket,", (merge_method) => {
  test("resumes to the same bytes, and does nothing that is done again", async () => {
    const { folder, config } = written();
    const flags = { ...config, merge_method, max_memory: "44MB" };
    const whole = counting();
    await run(flags, { startThread: whole.startThread });
    const expected = outputOf(folder);
    const report = readFileSync(join(folder, "out", "merge_manifest.json"), "utf8");
    renameSync(join(folder, "out"), join(folder, "kept"));

    for (let last = 1; last <= whole.tickets(); last++) {
      const first = counting(last);
      const error = await failureOf(run(flags, { startThread: first.startThread }));
      expect(error.problems[0]!.code).toBe("io/write");
      expect(existsSync(join(folder, "out"))).toBe(false);

      const second = counting();
      await run({ ...flags, resume: true }, { startThread: second.startThread });
      expect(outputOf(folder).equals(expected)).toBe(true);
      expect(readFileSync(join(folder, "out", "merge_manifest.json"), "utf8")).toBe(report);
      expect(second.tickets()).toBeLessThanOrEqual(whole.tickets());
      expect(readdirSync(folder).toSorted()).toEqual(["a", "b", "base", "kept", "out"]);
      renameSync(join(folder, "out"), join(folder, `kept-${last}`));
      renameSync(join(folder, `kept-${last}`), join(temporaryFolder(), "done"));
    }
  });
});

/** A merge that was stopped after its second ticket. */
async function stopped(): Promise<ReturnType<typeof written>> {
  const setting = written();
  const { startThread } = counting(3);
  const error = await failureOf(run(setting.config, { startThread }));
  expect(error.problems[0]!.hint).toContain("--resume");
  expect(readdirSync(setting.folder).toSorted()).toEqual([".out.tensorweld", "a", "b", "base"]);
  return setting;
}

test("an output that gets another name goes on from what was done under the first", async () => {
  const { folder, config } = await stopped();
  renameSync(join(folder, ".out.tensorweld"), join(folder, ".other.tensorweld"));
  const flags = { ...config, output_path: join(folder, "other"), resume: true };
  const report = await run(flags);
  expect(report.resumedPieces).toBeGreaterThan(0);
  expect(readFileSync(join(folder, "other", "README.md"), "utf8")).toContain("\n# other\n");

  renameSync(join(folder, "other"), join(folder, "third"));
  const { alreadyDone } = await run({ ...flags, output_path: join(folder, "third") });
  expect(alreadyDone).toBe(true);
});

test("only what is missing is done again", async () => {
  const { config } = await stopped();
  const { startThread, tickets } = counting();
  const all = counting();
  await run({ ...written().config }, { startThread: all.startThread });
  await run({ ...config, resume: true }, { startThread });
  expect(tickets()).toBe(all.tickets() - 2);
});

test("what is left of a merge is refused, not thrown away, without --resume or --overwrite", async () => {
  const { folder, config } = await stopped();
  const { problems } = await refusal(run(config));
  expect(problems).toMatchObject([
    { code: "output/staging-exists", hint: expect.stringContaining("--resume") },
  ]);
  expect(readdirSync(folder)).toContain(".out.tensorweld");
});

test("another merge can't go on from it", async () => {
  const { config } = await stopped();
  const { problems } = await refusal(run({ ...config, weight_list: [1, 2], resume: true }));
  expect(problems).toMatchObject([
    { code: "output/staging-exists", message: expect.stringContaining("another merge") },
  ]);
});

test("--overwrite throws it away and begins anew", async () => {
  const { folder, config } = await stopped();
  const { startThread, tickets } = counting();
  await run({ ...config, overwrite: true }, { startThread });
  expect(tickets()).toBeGreaterThan(1);
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b", "base", "out"]);
});

test("bytes that the journal knows and the shard has not are written again", async () => {
  const { folder, config } = await stopped();
  const workshop = join(folder, ".out.tensorweld");
  const staged = readdirSync(workshop).find((name) => !name.includes("."))!;
  const shard = join(workshop, staged === "lock" ? "" : staged, "model.safetensors");
  const bytes = readFileSync(shard);
  bytes.fill(0, bytes.length - 2_000_000);
  writeFileSync(shard, bytes);
  await run({ ...config, resume: true });
  const found = outputOf(folder);
  await run({ ...config, overwrite: true });
  expect(outputOf(folder).equals(found)).toBe(true);
});

test("a journal that ends in the middle of a line is read up to there", async () => {
  const { folder, config } = await stopped();
  const workshop = join(folder, ".out.tensorweld");
  const journal = join(
    workshop,
    readdirSync(workshop).find((name) => name.endsWith(".journal"))!,
  );
  writeFileSync(journal, readFileSync(journal).subarray(0, -20));
  await run({ ...config, resume: true });
  expect(existsSync(join(folder, "out"))).toBe(true);
});

test("a merge that is done already is not done again by --resume", async () => {
  const { folder, config } = written();
  await run(config);
  const before = readdirSync(join(folder, "out"));
  const { startThread, tickets } = counting();
  const report = await run({ ...config, resume: true }, { startThread });
  expect(report.alreadyDone).toBe(true);
  expect(tickets()).toBe(0);
  expect(readdirSync(join(folder, "out"))).toEqual(before);
  const other = await refusal(plan({ ...config, weight_list: [1, 2], resume: true }));
  expect(other.problems).toMatchObject([{ code: "output/exists" }]);
});

test("an interrupted merge keeps what is done", async () => {
  const { folder, config } = written();
  const stop = new AbortController();
  const error = await failureOf(
    run(config, { options: { signal: stop.signal, onProgress: () => stop.abort() } }),
  );
  expect(error.outcome).toBe("interrupted");
  expect(error.problems[0]!.hint).toContain("--resume");
  expect(readdirSync(folder).toSorted()).toEqual([".out.tensorweld", "a", "b", "base"]);
  await run({ ...config, resume: true });
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b", "base", "out"]);
});

describe("--overwrite", () => {
  test("replaces a model when the new one is complete, and not before", async () => {
    const { folder, config } = written();
    const old = writeCheckpoint(join(folder, "out"), { old: { dtype: "F32", shape: [1], values: [1] } });
    const { startThread } = counting(2);
    await failureOf(run({ ...config, overwrite: true }, { startThread }));
    expect(readdirSync(old)).toEqual(["model.safetensors"]);
    await run({ ...config, overwrite: true });
    expect(readdirSync(old)).toContain("merge_manifest.json");
    expect(readdirSync(folder).toSorted()).toEqual(["a", "b", "base", "out"]);
  });

  test("brings an old output back that a killed merge had moved aside", async () => {
    const { folder, config } = written();
    const aside = join(folder, ".out.tensorweld", "replaced");
    writeCheckpoint(aside, { old: { dtype: "F32", shape: [1], values: [1] } });
    const { problems } = await refusal(run(config));
    expect(problems).toMatchObject([{ code: "output/exists" }]);
    expect(readdirSync(join(folder, "out"))).toEqual(["model.safetensors"]);
  });

  test("touches no folder but a model's", async () => {
    const { folder, config } = written();
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out", "thesis.txt"), "years of work");
    const { problems } = await refusal(plan({ ...config, overwrite: true }));
    expect(problems).toMatchObject([{ code: "output/not-a-model" }]);
  });

  test("does not replace a folder that holds an input", async () => {
    const { folder, config } = written();
    const { problems } = await refusal(plan({ ...config, output_path: folder, overwrite: true }));
    expect(problems.map(({ code }) => code)).toContain("output/is-input");
  });
});
