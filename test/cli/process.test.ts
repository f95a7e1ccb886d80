import { execFile, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

// The program itself, as `npm run build` leaves it.
const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "tensorweld-cli-"));
const elements = 2 ** 30;

/** A model of one tensor of 2 GB that takes no room: a file of which only the header was written. */
function writeSparseModel(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  const entry = { dtype: "BF16", shape: [elements], data_offsets: [0, 2 * elements] };
  const header = Buffer.from(JSON.stringify({ weight: entry }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = join(path, "model.safetensors");
  writeFileSync(file, Buffer.concat([length, header]));
  truncateSync(file, 8 + header.length + 2 * elements);
  return path;
}

let models: readonly string[] = [];
beforeAll(() => {
  if (!existsSync(program)) throw new Error("these tests need `npm run build` first");
  models = ["a", "b"].map(writeSparseModel);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("exit codes and streams", async () => {
  const run = promisify(execFile);
  expect(await run(process.execPath, [program, "--version"])).toMatchObject({
    stdout: "0.1.0\n",
    stderr: "",
  });
  const refused = run(process.execPath, [program, "merge", "--slerp_alhpa", "0.3"]);
  await expect(refused).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining(
      "--slerp_alhpa: there is no such flag\n    did you mean --slerp_alpha?",
    ) as string,
  });
});

test("a reader that has seen enough ends the program quietly", async () => {
  const child = spawn(process.execPath, [program, "merge", "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let complaints = "";
  child.stderr.on("data", (text: Buffer) => (complaints += text.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect([code, complaints]).toEqual([0, ""]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s stops a merge, and what is done is kept", async (signal, exitCode) => {
  const output = join(folder, signal);
  const args = [program, "merge", "--model_path_list", ...models, "--output_path", output];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const before = readdirSync(folder);
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const closed = new Promise((resolve) => child.on("close", resolve));
  while (child.exitCode === null && readdirSync(folder).length === before.length) await setTimeout(5);
  child.kill(signal);
  expect(await closed).toBe(exitCode);
  expect(said).toMatch(/^stopping\.\.\.\nInterrupted\n/);
  expect(existsSync(output)).toBe(false);
  // Nothing is kept of a merge that was stopped before its first piece.
  expect([...before, `.${signal}.tensorweld`]).toEqual(expect.arrayContaining(readdirSync(folder)));
});
