import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { temporaryFolder } from "../support/checkpoint.ts";
import { tensorFile, writeFolder } from "./hostile-texts.ts";
import { runLine } from "./host.ts";
import { inlineEngine as engine } from "./inline-engine.ts";

describe("names of a million characters", () => {
  const long = "x".repeat(1_000_000);

  test.each([
    ["inspect", (model: string) => ["inspect", model]],
    [
      "plan",
      (model: string, other: string) => ["plan", "--model_path_list", model, other, "--output_path", "/o"],
    ],
    [
      "merge",
      (model: string) => ["merge", "--model_path_list", model, model, "--output_path", "/o", "--seed", long],
    ],
    ["unknown flags", () => ["merge", `--${long}`]],
  ])("are cut: %s", async (_, args) => {
    const folder = temporaryFolder();
    const [model, other] = ["a", "b"].map((name) =>
      writeFolder(join(folder, name), {
        "model.safetensors": tensorFile([`${name}${long}`, `${long}${name}`], { [long]: long }),
        "config.json": { model_type: `${name}${long}`, [long]: long },
      }),
    );
    const { out, err } = await runLine(args(model!, other!), { engine });
    expect(out.length + err.length).toBeGreaterThan(100);
    expect(out.length + err.length).toBeLessThan(50_000);
  });
});

test("one long name does not widen the lines of all others", async () => {
  const names = Array.from({ length: 2000 }, (_, index) => `layers.${index}.weight`);
  const folder = writeFolder(join(temporaryFolder(), "m"), {
    "model.safetensors": tensorFile([...names, "x".repeat(4000)]),
  });
  const { out } = await runLine(["inspect", folder], { engine });
  expect(out).toContain("x".repeat(4000));
  expect(out).toContain("  layers.1999.weight  F32  [2]  8 B\n");
});
