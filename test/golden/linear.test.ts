import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { merge } from "tensorweld";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { goldenCase, goldenInputs, goldenRequest } from "../support/golden-case.ts";
import { withoutProvenance } from "../support/without-provenance.ts";

// Every folder beside this file is a case, written by scripts/golden_linear.py; a new one needs no code here.
const root = fileURLToPath(new URL("linear/", import.meta.url));

const caseFile = goldenCase.extend({
  /** Flags that must not show in the output: one merge for each. */
  settings: z
    .array(z.record(z.string(), z.union([z.string(), z.number()])))
    .default([{ n_process: 1 }, { n_process: 2 }]),
  /** Hashes of the output's weight files without provenance, in hexadecimal, in place of a folder `expected`. */
  sha256: z.record(z.string(), z.string()).optional(),
});

/** All files of weights and their indices, of any format: what an output may not have more of than expected. */
const weightFile = /\.(safetensors|bin|pdparams)(\.index\.json)?$/;

for (const name of readdirSync(root).toSorted()) {
  const folder = join(root, name);
  const golden = caseFile.parse(JSON.parse(readFileSync(join(folder, "case.json"), "utf8")));
  describe(`${name}: ${golden.note}`, () => {
    for (const settings of golden.settings) {
      const title = Object.entries(settings).map(([flag, value]) => `${flag} ${value}`);
      test(title.join(", "), async () => {
        const work = await mkdtemp(join(tmpdir(), "tensorweld-golden-"));
        onTestFinished(() => rm(work, { recursive: true, force: true }));
        const inputs = await goldenInputs(golden, folder, work);
        const output = join(work, "output");
        // Some cases are about what overflows on rounding.
        const flags = { allow_non_finite: true, ...settings, output_path: output };
        await merge(goldenRequest(golden, inputs, flags));

        if (golden.sha256 === undefined) await expectSameFiles(output, join(folder, "expected"));
        else expect(await hashesOf(output)).toEqual(golden.sha256);
      });
    }
  });
}

async function weightFilesOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((file) => weightFile.test(file)).toSorted();
}

async function expectSameFiles(output: string, expected: string): Promise<void> {
  const files = await readdir(expected);
  expect(await weightFilesOf(output)).toEqual(files.toSorted());
  for (const file of files) {
    const [found, wanted] = await Promise.all([readFile(join(output, file)), readFile(join(expected, file))]);
    if (file.endsWith(".json")) expect(found.toString()).toBe(wanted.toString());
    else expect(describeDifference(withoutProvenance(found), wanted), file).toBe("none");
  }
}

async function hashesOf(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const file of await weightFilesOf(folder)) {
    hashes[file] = createHash("sha256")
      .update(withoutProvenance(await readFile(join(folder, file))))
      .digest("hex");
  }
  return hashes;
}

/** The first difference between two safetensors files, in words that lead to the element at fault. */
function describeDifference(found: Buffer, wanted: Buffer): string {
  if (found.equals(wanted)) return "none";
  const header = headerOf(wanted);
  if (headerOf(found) !== header) return `header ${headerOf(found)} instead of ${header}`;
  const start = 8 + Buffer.byteLength(header);
  const at = wanted.findIndex((byte, offset) => byte !== found[offset]);
  if (at < start) return `length ${found.length} or its field instead of ${wanted.length}`;
  const entries = Object.entries(JSON.parse(header) as Record<string, HeaderEntry>);
  for (const [name, { dtype, data_offsets: span }] of entries) {
    if (span === undefined || at < start + span[0] || at >= start + span[1]) continue;
    const width = widths[dtype ?? ""] ?? 1;
    const element = Math.floor((at - start - span[0]) / width);
    const bits = (file: Buffer): string => {
      const first = start + span[0] + element * width;
      return Buffer.from(file.subarray(first, first + width).toReversed()).toString("hex");
    };
    return `${dtype} tensor ${JSON.stringify(name)}, element ${element}: ${bits(found)} instead of ${bits(wanted)}`;
  }
  return `length ${found.length} instead of ${wanted.length}`;
}

interface HeaderEntry {
  readonly dtype?: string;
  readonly data_offsets?: readonly [number, number];
}

/** Bytes of the types that are merged; copied ones are compared byte by byte. */
const widths: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

function headerOf(file: Buffer): string {
  return file.subarray(8, 8 + Number(file.readBigUInt64LE())).toString();
}
