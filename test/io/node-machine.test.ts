import { totalmem } from "node:os";
import { afterEach, expect, test, vi } from "vitest";

import { availableCores, machineMemory } from "../../src/io/node-machine.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a process may use at least one core", () => {
  expect(availableCores()).toBeGreaterThanOrEqual(1);
});

test.each([0, 2 ** 64])("a limit of %i bytes is none", (limit) => {
  vi.spyOn(process, "constrainedMemory").mockReturnValue(limit);
  const { totalBytes, availableBytes = totalBytes } = machineMemory()!;
  expect(totalBytes).toBe(totalmem());
  expect(availableBytes).toBeGreaterThan(0);
  expect(availableBytes).toBeLessThanOrEqual(totalBytes);
});

test("a container's limit is all the memory there is", () => {
  const limit = 1_000_000;
  vi.spyOn(process, "constrainedMemory").mockReturnValue(limit);
  const { totalBytes, availableBytes = limit } = machineMemory()!;
  expect([totalBytes, availableBytes]).toEqual([limit, limit]);
});
