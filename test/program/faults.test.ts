import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import type { TensorweldError } from "../../src/errors.ts";
import { executePlan } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { type Config, plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import type { Storage } from "../../src/io/storage.ts";
import { fromSystemError } from "../../src/io/system-errors.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { randomNumbers } from "../support/random-numbers.ts";

const program = join(import.meta.dirname, "../../dist/cli/main.js");
const elements = 1_200_000;

function written(): { readonly folder: string; readonly models: readonly string[]; readonly config: Config } {
  const folder = temporaryFolder();
  const tensor = (seed: number): TestTensor => ({
    dtype: "F32",
    shape: [elements],
    values: randomNumbers(elements, seed),
  });
  const models = ["a", "b"].map((name, seed) => writeCheckpoint(join(folder, name), { w: tensor(seed + 1) }));
  return {
    folder,
    models,
    config: { model_path_list: models, output_path: join(folder, "out"), max_memory: "2MB" },
  };
}

async function failureOf(promise: Promise<unknown>): Promise<TensorweldError> {
  return promise.then(
    () => expect.fail("it should have failed"),
    (error: unknown) => error as TensorweldError,
  );
}

/** An error as the system gives it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** A storage in which the call number `last` on some file fails with the system's error `code`. */
function failing(kind: "read" | "write", code: string, last: number): Storage {
  let calls = 0;
  const fail = (file: string): void => {
    const [problem, action] =
      kind === "read"
        ? (["io/read", "cannot be read"] as const)
        : (["io/write", "cannot be written"] as const);
    if (++calls >= last) throw fromSystemError(systemError(code), "failed", problem, file, action);
  };
  return {
    ...nodeStorage,
    async open(path) {
      const source = await nodeStorage.open(path);
      const readInto: typeof source.readInto = (into, at) => {
        if (kind === "read" && into.length > 100_000) fail(path);
        return source.readInto(into, at);
      };
      return { ...source, readInto };
    },
    async openSink(path) {
      const sink = await nodeStorage.openSink(path);
      const write: typeof sink.write = (from, at) => {
        if (kind === "write" && from.length > 100_000) fail(path);
        return sink.write(from, at);
      };
      return { ...sink, write };
    },
  };
}

async function run(config: Config, storage: Storage = nodeStorage): Promise<unknown> {
  return executePlan(await plan(config), {}, { storage, startThread: startInline(storage) });
}

describe.each([
  ["write", "ENOSPC", "free some space"],
  ["write", "EIO", "check the disk"],
  ["read", "EIO", "check the disk"],
  ["write", "EDQUOT", "quota"],
] as const)("%s fails with %s", (kind, code, advice) => {
  test("in the middle: it says what to do, keeps what is done, and resumes", async () => {
    const { folder, models, config } = written();
    const before = models.map((model) => readFileSync(join(model, "model.safetensors")));
    const error = await failureOf(run(config, failing(kind, code, 6)));
    expect(error.outcome).toBe("failed");
    expect(error.problems[0]!.hint).toContain(advice);
    expect(error.problems[0]!.hint).toContain("--resume");
    expect(readdirSync(folder).toSorted()).toEqual([".out.tensorweld", "a", "b"]);
    models.forEach((model, index) =>
      expect(readFileSync(join(model, "model.safetensors")).equals(before[index]!)).toBe(true),
    );
    await run({ ...config, resume: true });
    expect(readdirSync(folder).toSorted()).toEqual(["a", "b", "out"]);
  });
});

test.each(["EACCES", "EROFS"])("a place that can't be written to (%s) is said to be so", async (code) => {
  const { folder, config } = written();
  const makeFolder = (file: string): never => {
    throw fromSystemError(systemError(code), "failed", "io/write", file, "cannot be written");
  };
  const error = await failureOf(run(config, { ...nodeStorage, makeFolder }));
  expect(error.problems).toMatchObject([
    { code: "io/write", hint: expect.stringMatching(/permission|read-only/) },
  ]);
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b"]);
});

test("an input that is cut short while it is read fails the merge", async () => {
  const { folder, models, config } = written();
  const made = await plan(config);
  const file = join(models[1]!, "model.safetensors");
  const onProgress = (): void => truncateSync(file, 1000);
  const error = await failureOf(
    executePlan(made, { onProgress }, { storage: nodeStorage, startThread: startInline(nodeStorage) }),
  );
  expect(error.problems[0]).toMatchObject({ code: "io/short-read", file });
  expect(existsSync(join(folder, "out"))).toBe(false);
});

test.skipIf(process.platform === "win32")("a limit on the size of files ends in a clear message", () => {
  const { folder, models } = written();
  const merge = `${process.execPath} ${program} merge --model_path_list ${models.join(" ")} --output_path ${join(folder, "out")}`;
  // In units of 1024 bytes: the output takes 4.8 MB.
  const { status, stderr } = spawnSync("bash", ["-c", `ulimit -f 2000; ${merge}`], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/EFBIG/);
  expect(stderr).toMatch(/max_shard_size/);
  expect(stderr).not.toMatch(/\n +at /);
  expect(existsSync(join(folder, "out"))).toBe(false);
});

/** A folder on another device than the temporary one, where this machine has such a place. */
function otherDevice(): string | undefined {
  const candidates = ["/dev/shm", "/run/shm"].filter((path) => existsSync(path));
  return candidates.find((path) => statSync(path).dev !== statSync(tmpdir()).dev);
}

test.skipIf(otherDevice() === undefined)(
  "an output on another device than its inputs is staged there",
  async () => {
    const { config } = written();
    const place = mkdtempSync(join(otherDevice()!, "tensorweld-test-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    await run({ ...config, output_path: join(place, "out") });
    expect(readdirSync(place)).toEqual(["out"]);
  },
);
