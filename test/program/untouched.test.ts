import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { snapshotOf } from "../support/folder-watch.ts";
import { randomNumbers } from "../support/random-numbers.ts";

// The program itself, as `npm run build` leaves it, between files that are none of its business: whatever becomes of a
// merge, nothing but the output and the hidden folder beside it may have changed.
const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const output = join("place", "out");
const workshop = join("place", ".out.tensorweld");

/** A folder with models, and with bystanders in every place where a program could leave something. */
function surroundings(): string {
  const root = temporaryFolder();
  const write = (path: string, text = path): void => {
    fs.mkdirSync(join(root, dirname(path)), { recursive: true });
    fs.writeFileSync(join(root, path), text);
  };
  for (const folder of ["home", "tmp", "work", "models", "place"]) write(join(folder, "bystander"));
  for (const path of ["home/.cache/file", "place/out-2/model.safetensors", "place/.out2.tensorweld/replaced"])
    write(path);
  fs.chmodSync(join(root, "home", "bystander"), 0o400);
  fs.symlinkSync("../models", join(root, "place", "link"));

  const elements = 200_000;
  const tensors = (seed: number): Record<string, TestTensor> => ({
    large: { dtype: "F32", shape: [elements], values: randomNumbers(elements, seed) },
    w: { dtype: "BF16", shape: [2, 3], values: randomNumbers(6, seed) },
  });
  for (const [seed, name] of ["a", "b", "base"].entries()) {
    writeCheckpoint(join(root, "models", name), tensors(seed));
    write(join("models", name, "config.json"), '{"model_type": "llama"}');
  }
  const huge = { w: { dtype: "F16", shape: [1], values: [60_000] } } as const;
  writeCheckpoint(join(root, "models", "huge"), huge);
  const factor = { dtype: "F32", values: [1, 2] } as const;
  const factors = {
    "base_model.model.w.lora_A.weight": { ...factor, shape: [1, 3], values: [1, 2, 3] },
    "base_model.model.w.lora_B.weight": { ...factor, shape: [2, 1] },
  };
  writeCheckpoint(join(root, "models", "adapter"), factors, "adapter_model.safetensors");
  write("models/adapter/adapter_config.json", '{"peft_type": "LORA", "r": 1, "lora_alpha": 1}');
  writeCheckpoint(join(root, "models", "linear"), {
    "w.weight": { dtype: "F32", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  });
  return root;
}

/** Starts a command line in `work`, with a home and a place for temporary files that are watched. */
function start(root: string, args: readonly string[]): ChildProcess {
  const env = { PATH: process.env["PATH"], HOME: join(root, "home"), TMPDIR: join(root, "tmp") };
  const stdio = ["ignore", "ignore", "pipe"] as const;
  return spawn(process.execPath, [program, ...args], { cwd: join(root, "work"), env, stdio: [...stdio] });
}

/** Runs a command line to its end, which must be this exit code. */
async function run(root: string, exitCode: number, args: readonly string[]): Promise<void> {
  const child = start(root, args);
  let said = "";
  child.stderr?.on("data", (text: Buffer) => (said += text.toString()));
  await once(child, "close");
  expect(child.exitCode, said).toBe(exitCode);
}

/** Sends a signal as soon as there is something to leave behind. */
async function stopped(root: string, signal: NodeJS.Signals, ...args: readonly string[]): Promise<void> {
  const child = start(root, args);
  const closed = once(child, "close");
  while (child.exitCode === null && !fs.existsSync(join(root, workshop))) await pause(2);
  child.kill(signal);
  await closed;
}

/** Whether the output and the hidden folder are there. */
function left(root: string): readonly string[] {
  return [output, workshop].filter((path) => fs.existsSync(join(root, path)));
}

const models = ["--model_path_list", "../models/a", "../models/b", "--output_path", "../place/out"];
const merge = ["merge", ...models, "--max_memory", "48MB", "--n_process", "2"];
const ties = [...merge, "--merge_method", "ties", "--base_model_path", "../models/base"];
const adapter = ["--lora_model_path", "../models/adapter", "--base_model_path", "../models/linear"];

describe.skipIf(process.platform === "win32")("nothing but the output is touched by", () => {
  test.each([
    ["inspect", ["inspect", "../models/a"], 0],
    ["inspect of an adapter", ["inspect", "../models/adapter"], 0],
    ["plan", ["plan", ...models], 0],
    ["check", ["check", ...models], 0],
    ["verify", ["verify", "../models/a"], 0],
    ["methods", ["methods"], 0],
    ["a request of no sense", ["merge", "--seed", "x"], 2],
    ["models that do not fit", [...merge, "--base_model_path", "../models/huge"], 2],
  ])("%s, and that is not there", async (_, args, code) => {
    const root = surroundings();
    const before = snapshotOf(root);
    await run(root, code, args);
    expect(snapshotOf(root)).toEqual(before);
  });

  test.each([
    ["a merge", merge],
    ["a merge with a report", [...ties, "--report"]],
    ["an adapter's merge", ["merge", ...adapter, "--output_path", "../place/out"]],
    ["a merge of files that are named", [...merge, "--copy_file_list", "config.json", "--dtype", "F16"]],
  ])("%s", async (_, args) => {
    const root = surroundings();
    const before = snapshotOf(root, [output, workshop]);
    await run(root, 0, args);
    expect(snapshotOf(root, [output, workshop])).toEqual(before);
    expect(left(root)).toEqual([output]);
    await run(root, 0, ["verify", "../place/out"]);
  });

  test("a merge that fails in the midst of its work", async () => {
    const root = surroundings();
    const before = snapshotOf(root, [output, workshop]);
    const twice = [
      "--model_path_list",
      "../models/huge",
      "../models/huge",
      "--weight_list",
      "1",
      "1",
      "--no_normalize",
    ];
    await run(root, 1, ["merge", ...twice, "--output_path", "../place/out"]);
    expect(snapshotOf(root, [output, workshop])).toEqual(before);
    expect(left(root)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "a merge that %s stops, and is resumed",
    async (signal) => {
      const root = surroundings();
      const before = snapshotOf(root, [output, workshop]);
      await stopped(root, signal, ...ties);
      expect(snapshotOf(root, [output, workshop])).toEqual(before);
      await run(root, 0, [...ties, "--resume"]);
      expect(snapshotOf(root, [output, workshop])).toEqual(before);
      expect(left(root)).toEqual([output]);
    },
  );

  test("a merge that overwrites a model, also one that holds links to elsewhere", async () => {
    const root = surroundings();
    fs.cpSync(join(root, "models", "a"), join(root, output), { recursive: true });
    fs.symlinkSync("../../models", join(root, output, "link"));
    fs.symlinkSync("../bystander", join(root, output, "other"));
    const before = snapshotOf(root, [output, workshop]);
    await run(root, 2, merge);
    await run(root, 0, [...merge, "--overwrite"]);
    expect(snapshotOf(root, [output, workshop])).toEqual(before);
    expect(fs.readdirSync(join(root, output))).not.toContain("link");
    expect(left(root)).toEqual([output]);
  });

  test("a merge into links that somebody laid out", async () => {
    const root = surroundings();
    fs.symlinkSync("../models/a", join(root, workshop));
    const trapped = snapshotOf(root);
    for (const more of [[], ["--overwrite"], ["--resume"]]) await run(root, 2, [...merge, ...more]);
    expect(snapshotOf(root)).toEqual(trapped);
    fs.renameSync(join(root, workshop), join(root, output));
    const linked = snapshotOf(root);
    for (const more of [[], ["--overwrite"], ["--resume"]]) await run(root, 2, [...merge, ...more]);
    expect(snapshotOf(root)).toEqual(linked);
  });

  test("a merge into folders that are not there yet, which it makes", async () => {
    const root = surroundings();
    const before = snapshotOf(root, [join("place", "deep")]);
    const args = ["--model_path_list", "../models/a", "../models/b", "--output_path", "../place/deep/er/out"];
    await run(root, 0, ["merge", ...args]);
    expect(snapshotOf(root, [join("place", "deep")])).toEqual(before);
    expect(fs.readdirSync(join(root, "place", "deep", "er"))).toEqual(["out"]);
  });
});

test.skipIf(process.platform === "win32")("a watch notices whatever changes", () => {
  const root = surroundings();
  const file = join(root, "models", "bystander");
  const changes: readonly (() => void)[] = [
    () => fs.appendFileSync(file, "x"),
    () => fs.chmodSync(file, 0o600),
    () => fs.utimesSync(file, 1, 1),
    () => fs.writeFileSync(join(root, "tmp", "new"), ""),
    () => fs.rmSync(join(root, "place", "link")),
    () => fs.writeFileSync(join(root, "place", ".out.tensorweld2"), ""),
  ];
  for (const change of changes) {
    const before = snapshotOf(root, [output, workshop]);
    change();
    expect(snapshotOf(root, [output, workshop])).not.toEqual(before);
  }
});
