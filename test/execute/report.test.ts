import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { TensorweldError } from "../../src/errors.ts";
import { executePlan } from "../../src/execute/execute.ts";
import type { Report } from "../../src/execute/report.ts";
import { startInline } from "../../src/execute/thread.ts";
import { type Config, plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { temporaryFolder, type TestTensor, writeCheckpoint } from "../support/checkpoint.ts";

async function merged(tensors: readonly TestTensor[], config: Config): Promise<Report> {
  const folder = temporaryFolder();
  const models = tensors.map((w, index) => writeCheckpoint(join(folder, `m${index}`), { w }));
  const made = await plan({ model_path_list: models, output_path: join(folder, "out"), ...config });
  return executePlan(made, {}, { storage: nodeStorage, startThread: startInline(nodeStorage) });
}

const half = (values: readonly number[]): TestTensor => ({ dtype: "F16", shape: [values.length], values });

test("NaN and infinity are counted in what is read and in what is written", async () => {
  const { tensorReports } = await merged([half([1, Infinity, NaN, 2]), half([1, NaN, 1, 2])], {});
  expect(tensorReports).toEqual([
    { name: "w", elements: 4, nonFiniteInputs: 2, nonFiniteOutputs: 2, values: {} },
  ]);
});

test("a merge that makes infinity of finite numbers fails, with the count, and says what to do", async () => {
  const models = [half([60_000, 1]), half([60_000, 1])];
  const error = await merged(models, { weight_list: [1, 1] }).then(
    () => expect.fail("it should have failed"),
    (reason: unknown) => reason as TensorweldError,
  );
  expect(error.outcome).toBe("failed");
  expect(error.problems).toMatchObject([{ code: "execute/non-finite", tensor: "w" }]);
  expect(error.message).toContain("1 of 2 elements");
  const { tensorReports } = await merged(models, { weight_list: [1, 1], allow_non_finite: true });
  expect(tensorReports[0]).toMatchObject({ nonFiniteInputs: 0, nonFiniteOutputs: 1 });
});

test("slerp's cosine and whether it took the line are reported, and the share a sparsifier keeps", async () => {
  const models = [half([1, 0, 0, 0]), half([1, 1, 0, 0])];
  const slerp = await merged(models, { merge_method: "slerp" });
  expect(slerp.tensorReports[0]!.values).toEqual({
    cosine: expect.closeTo(Math.SQRT1_2, 12) as number,
    line: 0,
  });
  const same = await merged([models[0]!, models[0]!], { merge_method: "slerp" });
  expect(same.tensorReports[0]!.values).toEqual({ cosine: 1, line: 1 });
  const trimmed = await merged([half([1, 2, 3, 4]), half([4, 3, 2, 1])], {
    merge_method: "ties",
    reserve_p: 0.5,
  });
  expect(trimmed.tensorReports[0]!.kept).toEqual([0.5, 0.5]);
});

test("of tensors that are not merged and differ, a few are named and the rest are counted", async () => {
  const folder = temporaryFolder();
  const models = [0, 1].map((value) => {
    const numbers = Array.from({ length: 40 }, (_, at) => {
      const tensor: TestTensor = { dtype: "U8", shape: [1], values: [at === 7 ? 0 : value] };
      return [`n${at}`, tensor] as const;
    });
    return writeCheckpoint(join(folder, `m${value}`), Object.fromEntries(numbers));
  });
  const made = await plan({ model_path_list: models, output_path: join(folder, "out") });
  const platform = { storage: nodeStorage, startThread: startInline(nodeStorage) };
  const { notices } = await executePlan(made, {}, platform);
  expect(notices).toContain(
    '"n0", "n1", "n10" and 36 more are not merged, and their values are not the same in all models',
  );
});

test("the report is written beside the weights when asked for", async () => {
  const { outputPath, files, tensorReports } = await merged([half([1]), half([2])], { report: true });
  const file = join(outputPath, "merge_report.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ tensors: tensorReports });
  expect(files).toContain("merge_report.json");
  const plain = await merged([half([1]), half([2])], {});
  expect(existsSync(join(plain.outputPath, "merge_report.json"))).toBe(false);
});
