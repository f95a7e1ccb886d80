import { TensorweldError } from "../../errors.ts";

/** An adapter as WebGPU describes it, and how much it takes at once. */
export interface AdapterDescription {
  /** What it is reached through, such as Vulkan: a card that has drivers for two is there twice. */
  readonly backend: string;
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

/**
 * The adapters that can be had through each backend, the one that merges take first.
 * @param gpu what merges ask.
 * @param backends what there is to be asked, each limited to the backend of that name, the most usual ones first.
 */
export async function describeAdapters(
  gpu: GPU,
  backends: ReadonlyMap<string, GPU>,
): Promise<readonly AdapterDescription[]> {
  const found = new Map<string, AdapterDescription>();
  for (const [backend, limited] of backends) {
    for (const adapter of await adaptersOf(limited)) {
      const description = describeAdapter(adapter, backend);
      found.set(JSON.stringify(description), description);
    }
  }
  const all = [...found.values()];
  const [first] = await adaptersOf(gpu);
  const isTaken = (one: AdapterDescription): boolean =>
    first !== undefined && JSON.stringify(describeAdapter(first, one.backend)) === JSON.stringify(one);
  const taken = all.find(isTaken);
  return taken === undefined ? all : [taken, ...all.filter((one) => one !== taken)];
}

/**
 * A device with all that its adapter allows. @throws TensorweldError `gpu/adapter` when there is no adapter.
 */
export async function requestDevice(gpu: GPU): Promise<GPUDevice> {
  const [adapter] = await adaptersOf(gpu);
  if (adapter === undefined) throw noAdapter();
  return adapter.requestDevice({ requiredLimits: limitsOf(adapter) });
}

/** The adapters of all wishes that can be fulfilled, in their order. */
async function adaptersOf(gpu: GPU): Promise<readonly GPUAdapter[]> {
  const found: GPUAdapter[] = [];
  for (const wish of wishes) {
    const adapter = await gpu.requestAdapter(wish);
    if (adapter !== null) found.push(adapter);
  }
  return found;
}

function limitsOf({ limits }: GPUAdapter): AdapterDescription["limits"] {
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension } = limits;
  return { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension };
}

/** A device's name as far as its driver tells: never empty, and the same wherever the device is. */
export function adapterName({ device, description, vendor, architecture }: GPUAdapterInfo): string {
  const told = [
    [device, description],
    [vendor, architecture],
  ].map((names) => names.filter((name) => name !== "").join(", "));
  return told.find((name) => name !== "") ?? "GPU without a name";
}

function describeAdapter(adapter: GPUAdapter, backend: string): AdapterDescription {
  const { info } = adapter;
  const name = adapterName(info);
  return {
    backend,
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    isSoftware: info.isFallbackAdapter || SOFTWARE.test(name),
    limits: limitsOf(adapter),
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
