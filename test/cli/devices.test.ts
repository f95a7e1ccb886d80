import { expect, test } from "vitest";

import { type AdapterDescription, TensorweldError } from "../../src/index.ts";
import { runLine } from "./host.ts";

const card: AdapterDescription = {
  backend: "Vulkan",
  name: "Card 9000",
  vendor: "acme",
  architecture: "",
  isSoftware: false,
  limits: {
    maxBufferSize: 4_000_000_000,
    maxStorageBufferBindingSize: 2_000_000_000,
    maxComputeWorkgroupsPerDimension: 65_535,
  },
};
const software = { ...card, name: "Software driver", isSoftware: true };

function listing(found: readonly AdapterDescription[], ...flags: readonly string[]) {
  return runLine(["devices", ...flags], { engine: { devices: () => Promise.resolve(found) } });
}

test("devices are listed with their limits, the first one marked", async () => {
  expect((await listing([card, software])).out).toMatchInlineSnapshot(`
    "Card 9000 (taken first)
      through            Vulkan
      vendor             acme
      largest buffer     4.00 GB
      largest binding    2.00 GB
      workgroups a side  65,535
    Software driver (software)
      through            Vulkan
      vendor             acme
      largest buffer     4.00 GB
      largest binding    2.00 GB
      workgroups a side  65,535"
  `);
});

test("devices are listed as JSON", async () => {
  expect(JSON.parse((await listing([card], "--json")).out)).toEqual({ devices: [card] });
});

test("where there is none, it says what is needed", async () => {
  expect(await listing([])).toMatchObject({ code: 0, out: expect.stringContaining("libvulkan1") as unknown });
});

test("a missing package is a refusal", async () => {
  const problems = [{ code: "gpu/package", message: "is missing" }] as const;
  const devices = (): never => {
    throw new TensorweldError("refused", problems);
  };
  expect((await runLine(["devices"], { engine: { devices } })).code).toBe(2);
});

test("an argument is one too many", async () => {
  expect(await runLine(["devices", "all"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('devices takes no argument, got "all"') as unknown,
  });
});
