import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Report } from "../../src/index.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";
import { randomNumbers } from "../support/random-numbers.ts";

// A disk that is really full: a small one in memory, in name spaces of its own, so that no rights are needed and nothing
// of it stays. Systems may forbid them; then this is skipped.

const program = join(import.meta.dirname, "../../dist/cli/main.js");
const elements = 1_200_000;

/** Runs a script of bash that may mount what it likes, and is the only one to see it. */
function runApart(script: string): SpawnSyncReturns<string> {
  const flags = ["--user", "--map-root-user", "--mount"];
  return spawnSync("unshare", [...flags, "bash", "-euc", script], { encoding: "utf8" });
}

function canMount(): boolean {
  if (process.platform !== "linux") return false;
  return runApart(`mount -t tmpfs -o size=1m tmpfs '${tmpdir()}'`).status === 0;
}

function writeModels(folder: string): readonly string[] {
  return ["a", "b"].map((name, seed) => {
    const values = randomNumbers(elements, seed + 1);
    const w: TestTensor = { dtype: "F32", shape: [elements], values };
    return writeCheckpoint(join(folder, name), { w });
  });
}

test.skipIf(!canMount())("on a full disk a merge says what to do, and goes on when there is space", () => {
  const folder = temporaryFolder();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const config = {
    model_path_list: writeModels(folder),
    output_path: join(disk, "out"),
    max_memory: "2MB",
    n_process: 1,
    // A merge that resumes is not refused for the lack of space: some of its output may be there already.
    resume: true,
  };
  writeFileSync(join(folder, "recipe.json"), JSON.stringify(config));
  writeFileSync(
    join(folder, "whole.json"),
    JSON.stringify({ ...config, output_path: join(folder, "whole") }),
  );
  const merge = `'${process.execPath}' '${program}' merge`;
  const { stderr } = runApart(`
    cd '${folder}'
    ${merge} whole.json > /dev/null 2>&1
    mount -t tmpfs -o size=3m tmpfs disk
    status=0
    ${merge} recipe.json 2> first.txt || status=$?
    echo $status > first.status
    ls -A disk > first.names
    mount -o remount,size=20m disk
    ${merge} recipe.json --json > second.json
    ls -A disk > second.names
    cp disk/out/model.safetensors .
  `);
  expect(stderr).not.toContain("mount:");
  const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(textOf("first.status")).toBe("1\n");
  const message = textOf("first.txt").replaceAll(/\s+/g, " ");
  expect(message).toContain("ENOSPC");
  expect(message).toContain("free some space");
  expect(message).toContain("--resume goes on from there");
  expect(message).not.toMatch(/ at \S+:\d+:\d+/);
  expect(textOf("first.names")).toBe(".out.tensorweld\n");
  const report = JSON.parse(textOf("second.json")) as Report;
  expect(report.resumedPieces).toBeGreaterThan(0);
  expect(report.resumedPieces).toBeLessThan(report.pieces);
  expect(textOf("second.names")).toBe("out\n");
  const whole = readFileSync(join(folder, "whole", "model.safetensors"));
  expect(readFileSync(join(folder, "model.safetensors")).equals(whole)).toBe(true);
});
