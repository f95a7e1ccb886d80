import { expect, test, vi } from "vitest";

import { isTensorweldError } from "../../src/errors.ts";
import { openGpu } from "../../src/execute/node-gpu.ts";

vi.mock("webgpu", () => {
  throw new Error("Cannot find package 'webgpu'");
});

test("without the optional package a GPU is refused, and what to install is said", async () => {
  const error: unknown = await openGpu().then(
    () => expect.fail("there is no package to load"),
    (error: unknown) => error,
  );
  if (!isTensorweldError(error)) throw error;
  expect(error.outcome).toBe("refused");
  expect(error.problems).toMatchObject([
    { code: "gpu/package", hint: expect.stringContaining("npm install webgpu") as unknown },
  ]);
});
