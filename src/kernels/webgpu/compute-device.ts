import { TensorweldError } from "../../errors.ts";
import { adapterName } from "./adapter.ts";
import { DeviceMemory } from "./device-memory.ts";
import { KeptInputs } from "./kept-inputs.ts";
import { Pipelines } from "./pipelines.ts";

export interface ComputeDeviceOptions {
  /** Bytes that may be held on the device; absent: what it has room for. */
  readonly memoryBytes?: number;
  /** Whether inputs stay on the device from one pass over a tensor to the next. */
  readonly keepsInputs: boolean;
}

/** A device and what all backends on it share: its memory, its compiled passes, and what it keeps. */
export class ComputeDevice {
  readonly device: GPUDevice;
  readonly memory: DeviceMemory;
  /** Absent when nothing is to stay on the device. */
  readonly kept: KeptInputs | undefined;
  readonly pipelines: Pipelines;
  private lost: GPUDeviceLostInfo | undefined;
  private fault: GPUError | undefined;

  constructor(device: GPUDevice, { memoryBytes = Infinity, keepsInputs }: ComputeDeviceOptions) {
    this.device = device;
    this.memory = new DeviceMemory(device, memoryBytes, () => this.kept?.drop() ?? false);
    // WebGPU does not tell how much memory there is. As much as one buffer may take is there to be had.
    this.kept = keepsInputs ? new KeptInputs(this.memory, device.limits.maxBufferSize) : undefined;
    this.pipelines = Pipelines.of(device);
    void device.lost.then((info) => (this.lost = info));
    device.addEventListener("uncapturederror", ({ error }) => (this.fault ??= error));
  }

  /** What its driver calls it. */
  get name(): string {
    return adapterName(this.device.adapterInfo);
  }

  /** Throws when the device was lost, or found fault with what it was told. */
  check(): void {
    if (this.lost !== undefined) throw lostError(this.lost);
    if (this.fault !== undefined) throw deviceError(this.fault.message, this.fault);
  }

  /** What it comes from that something failed on its way through the device. */
  async explained(failure: unknown): Promise<TensorweldError> {
    if (failure instanceof TensorweldError) return failure;
    // A lost device makes what waits for it fail first, and tells of its loss right after.
    const info = this.lost ?? (await Promise.race([this.device.lost, soon()]));
    if (info !== undefined) return lostError(info);
    const message = this.fault?.message ?? (failure instanceof Error ? failure.message : String(failure));
    return deviceError(message.split("\n")[0]!, failure);
  }
}

/** Milliseconds to wait for the reason of a failure. */
const REASON_MS = 200;

function soon(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, REASON_MS, undefined));
}

function lostError({ message }: GPUDeviceLostInfo): TensorweldError {
  const reason = message === "" ? "" : `: ${message}`;
  const hint = "run it again, on the CPU with --device cpu; --fallback goes on with the CPU by itself";
  const problem = { code: "gpu/lost" as const, message: `the GPU was lost during the merge${reason}`, hint };
  return new TensorweldError("failed", [problem], { retryable: true });
}

function deviceError(message: string, cause: unknown): TensorweldError {
  const hint = "use --device cpu, or add --fallback to go on with the CPU";
  const problem = { code: "gpu/failed" as const, message: `the GPU failed: ${message}`, hint };
  return new TensorweldError("failed", [problem], { cause, retryable: true });
}
