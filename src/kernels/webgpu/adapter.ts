import { TensorweldError } from "../../errors.ts";

/** An adapter as WebGPU describes it, and how much it takes at once. */
export interface AdapterDescription {
  /** The device's name, as far as its driver tells. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Whether the processor does its work. */
  readonly isSoftware: boolean;
  /** The limits that decide how a merge is cut up; bytes, and workgroups. */
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  };
}

/**
 * Adapters that are asked for, in this order: WebGPU names one for each wish and has no list of all.
 * Source: https://www.w3.org/TR/webgpu/#dictdef-gpurequestadapteroptions
 */
const wishes: readonly GPURequestAdapterOptions[] = [
  { powerPreference: "high-performance" },
  { powerPreference: "low-power" },
  { forceFallbackAdapter: true },
];

/** The adapters that can be had, the one that merges take first. */
export async function describeAdapters(gpu: GPU): Promise<readonly AdapterDescription[]> {
  const found = new Map<string, AdapterDescription>();
  for (const wish of wishes) {
    const adapter = await gpu.requestAdapter(wish);
    if (adapter === null) continue;
    const description = describeAdapter(adapter);
    found.set(JSON.stringify(description), description);
  }
  return [...found.values()];
}

/**
 * A device with all that its adapter allows. @throws TensorweldError `gpu/adapter` when there is no adapter.
 */
export async function requestDevice(gpu: GPU): Promise<GPUDevice> {
  for (const wish of wishes) {
    const adapter = await gpu.requestAdapter(wish);
    if (adapter === null) continue;
    const { limits } = describeAdapter(adapter);
    return adapter.requestDevice({ requiredLimits: limits });
  }
  throw noAdapter();
}

/** A device's name as far as its driver tells: never empty, and the same wherever the device is. */
export function adapterName({ device, description, vendor, architecture }: GPUAdapterInfo): string {
  const told = [
    [device, description],
    [vendor, architecture],
  ].map((names) => names.filter((name) => name !== "").join(", "));
  return told.find((name) => name !== "") ?? "GPU without a name";
}

function describeAdapter({ info, limits }: GPUAdapter): AdapterDescription {
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension } = limits;
  const name = adapterName(info);
  return {
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    isSoftware: info.isFallbackAdapter || SOFTWARE.test(name),
    limits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension },
  };
}

/** Drivers for processors; not all of them say so. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

function noAdapter(): TensorweldError {
  const message = "no GPU was found: WebGPU has no adapter for Vulkan, Metal or Direct3D 12 on this machine";
  const hint =
    "install the GPU's driver, with Vulkan (on Linux: libvulkan1 and the vendor's driver, or mesa-vulkan-drivers of 2023 or later), or use --device cpu; `tensorweld devices` lists what is found";
  return new TensorweldError("refused", [{ code: "gpu/adapter", message, hint }], { retryable: true });
}
