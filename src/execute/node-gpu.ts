import { TensorweldError } from "../errors.ts";

/**
 * WebGPU in Node, by the optional package `webgpu`; the same object for all callers of a thread.
 * @throws TensorweldError `gpu/package` when the package is not installed or does not run here.
 */
export async function openGpu(): Promise<GPU> {
  return opened(ANY_BACKEND);
}

/** The option of no limits. */
const ANY_BACKEND = "";

/** Names of the backends that the package has on one system or another, and what it calls them. */
const backends = new Map([
  ["Vulkan", "vulkan"],
  ["Metal", "metal"],
  ["Direct3D 12", "d3d12"],
  ["Direct3D 11", "d3d11"],
]);

/** WebGPU limited to each of its backends, by their names; those that are not there have no adapters. */
export async function openGpuBackends(): Promise<ReadonlyMap<string, GPU>> {
  const found = new Map<string, GPU>();
  for (const [name, option] of backends) found.set(name, await opened(`backend=${option}`));
  return found;
}

// The package frees its devices once nothing refers to the object it made, even while they work: a global holds it.
const held = globalThis as { tensorweldGpus?: Map<string, GPU> };

async function opened(option: string): Promise<GPU> {
  held.tensorweldGpus ??= new Map();
  const found = held.tensorweldGpus.get(option) ?? (await createGpu(option));
  held.tensorweldGpus.set(option, found);
  return found;
}

async function createGpu(option: string): Promise<GPU> {
  try {
    const { create } = await import("webgpu");
    return create(option === ANY_BACKEND ? [] : [option]);
  } catch (error) {
    const message = `the package "webgpu", which brings GPUs to Node, ${reasonOf(error)}`;
    const hint =
      "npm install webgpu (beside tensorweld; globally when that is installed globally), or use --device cpu";
    throw new TensorweldError("refused", [{ code: "gpu/package", message, hint }], {
      cause: error,
      retryable: true,
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")
    return "is not installed";
  const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
  return `can't be loaded: ${reason}`;
}
