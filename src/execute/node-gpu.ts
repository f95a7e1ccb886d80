import { TensorweldError } from "../errors.ts";

/**
 * WebGPU in Node, by the optional package `webgpu`; the same object for all callers of a thread.
 * @throws TensorweldError `gpu/package` when the package is not installed or does not run here.
 */
export async function openGpu(): Promise<GPU> {
  held.tensorweldGpu ??= await createGpu();
  return held.tensorweldGpu;
}

// The package frees its devices once nothing refers to the object it made, even while they work: a global holds it.
const held = globalThis as { tensorweldGpu?: GPU };

async function createGpu(): Promise<GPU> {
  try {
    const { create } = await import("webgpu");
    return create([]);
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
