import { expect, test } from "vitest";

import type { Inspection } from "../../src/index.ts";
import { runLine } from "./host.ts";

const tensor = { file: "/m/model.safetensors", offset: 100 };

const inspection: Inspection = {
  path: "/m",
  format: "safetensors",
  files: [{ path: "/m/model.safetensors", size: 74_000, modified: 0, headerHash: "00" }],
  tensors: [
    { ...tensor, name: "model.embed_tokens.weight", dtype: "BF16", shape: [259, 128], bytes: 66_304 },
    { ...tensor, name: "scale", dtype: "F32", shape: [], bytes: 4 },
    { ...tensor, name: "evil\u001b[2J\u202e\nname", dtype: "F32", shape: [3, 0], bytes: 0 },
  ],
  metadata: { format: "pt", "\u009b31m": "\u0000" },
  notices: ["model.bin is not read."],
};

const engine = { inspect: () => Promise.resolve(inspection) };

test("a checkpoint as a person reads it, nothing in it moving the cursor", async () => {
  expect(await runLine(["inspect", "/m"], { engine })).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "note model.bin is not read.",
      "out": "Tensors
      model.embed_tokens.weight      BF16  [259, 128]  66.3 kB
      scale                          F32   []              4 B
      evil\\u001b[2J\\u202e\\u000aname  F32   [3, 0]          0 B

    Files
      /m/model.safetensors  74.0 kB

    Metadata
      format     pt
      \\u009b31m  \\u0000

    /m
      safetensors, 1 file
      BF16     1 tensor  33,152 parameters  66.3 kB
      F32     2 tensors        1 parameter      4 B
      in all  3 tensors  33,153 parameters  66.3 kB",
      "statuses": [],
    }
  `);
});

test("as JSON it is the inspection itself, and no less harmless", async () => {
  const { out } = await runLine(["inspect", "/m", "--json"], { engine });
  expect(JSON.parse(out)).toEqual(inspection);
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test("of a value as long as a provenance the beginning is shown", async () => {
  const metadata = { tensorweld: "x".repeat(30_000) };
  const { out } = await runLine(["inspect", "/m"], {
    engine: { inspect: () => Promise.resolve({ ...inspection, metadata }) },
  });
  expect(out).toContain(`  tensorweld  ${"x".repeat(100)}… (30,000 characters, all with --json)\n`);
});

test("ten thousand tensors", async () => {
  const tensors = Array.from({ length: 10_000 }, (_, index) => ({
    ...tensor,
    name: `layers.${index}.weight`,
    dtype: "F16" as const,
    shape: [1000],
    bytes: 2000,
  }));
  const { out } = await runLine(["inspect", "/m"], {
    engine: { inspect: () => Promise.resolve({ ...inspection, tensors }) },
  });
  expect(out.split("\n").length).toBeGreaterThan(10_000);
  expect(out).toContain("F16  10,000 tensors  10,000,000 parameters  20.0 MB");
});

test("the prefix is passed on", async () => {
  const asked: unknown[] = [];
  await runLine(["inspect", "/m", "--merge-prefix", "master_weights"], {
    engine: {
      inspect: (...args) => {
        asked.push(...args);
        return Promise.resolve(inspection);
      },
    },
  });
  expect(asked).toEqual(["/m", "master_weights"]);
});

test.each([
  [["inspect"], "inspect needs a checkpoint"],
  [["inspect", "a", "b"], 'the argument "b" is one too many'],
  [["inspect", "a", "--merge_prefix", "other"], "--merge_prefix: expected one of model, master_weights"],
  [["inspect", "a", "--seed", "1"], "--seed: there is no such flag"],
])("%j is refused", async (args, message) => {
  const { code, err } = await runLine(args, { engine });
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
