import { expect, test } from "vitest";

import { describeAdapters } from "../../src/kernels/webgpu/adapter.ts";

const limits = {
  maxBufferSize: 4e9,
  maxStorageBufferBindingSize: 2e9,
  maxComputeWorkgroupsPerDimension: 65_535,
};

/** What there is of WebGPU in a place with cards of these names: the fastest, the thriftiest, one in software. */
function gpuWith(fast: string | undefined, thrifty = fast, software?: string): GPU {
  const adapter = (device: string | undefined, isFallbackAdapter: boolean): GPUAdapter | null => {
    if (device === undefined) return null;
    const info = { device, description: "", vendor: "acme", architecture: "", isFallbackAdapter };
    return { info, limits } as unknown as GPUAdapter;
  };
  const requestAdapter = async (wish: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
    if (wish.forceFallbackAdapter === true) return adapter(software, true);
    return adapter(wish.powerPreference === "low-power" ? thrifty : fast, false);
  };
  return { requestAdapter } as unknown as GPU;
}

async function found(gpu: GPU, backends: Readonly<Record<string, GPU>>): Promise<readonly string[]> {
  const all = await describeAdapters(gpu, new Map(Object.entries(backends)));
  return all.map(({ backend, name }) => `${name} through ${backend}`);
}

test("every adapter is there once for each backend", async () => {
  const vulkan = gpuWith("Card 9000", "Chip 1", "Soft");
  expect(await found(vulkan, { Vulkan: vulkan, Metal: gpuWith(undefined) })).toEqual([
    "Card 9000 through Vulkan",
    "Chip 1 through Vulkan",
    "Soft through Vulkan",
  ]);
});

test("the one that merges take comes first, whichever its backend is", async () => {
  const direct = gpuWith("Chip 1");
  expect(await found(direct, { Vulkan: gpuWith("Card 9000"), "Direct3D 12": direct })).toEqual([
    "Chip 1 through Direct3D 12",
    "Card 9000 through Vulkan",
  ]);
});

test("where no backend has any there is none", async () => {
  expect(await found(gpuWith(undefined), { Vulkan: gpuWith(undefined) })).toEqual([]);
});
