import { TensorweldError } from "../../errors.ts";

/** The memory that Tensorweld holds on a device, counted: all buffers of a device are made here. */
export class DeviceMemory {
  private readonly device: GPUDevice;
  private readonly limitBytes: number;
  private readonly relieve: () => boolean;
  private readonly buffers = new Set<GPUBuffer>();
  private held = 0;
  private peak = 0;

  /**
   * @param limitBytes more than this is never held.
   * @param relieve gives up what can be done without when the device is full; whether there was anything.
   */
  constructor(device: GPUDevice, limitBytes: number, relieve: () => boolean) {
    this.device = device;
    this.limitBytes = limitBytes;
    this.relieve = relieve;
  }

  /** Bytes of all buffers there are now, and of the most there were at one time. */
  get heldBytes(): number {
    return this.held;
  }
  get peakBytes(): number {
    return this.peak;
  }

  /** Bytes that may still be taken. */
  get freeBytes(): number {
    return this.limitBytes - this.held;
  }

  /**
   * A buffer of at least that many bytes. @throws TensorweldError `gpu/memory` when the device has no room for it.
   */
  async take(bytes: number, usage: GPUBufferUsageFlags): Promise<GPUBuffer> {
    const size = bufferBytes(bytes);
    if (size > this.freeBytes) {
      throw new Error(
        `${this.held} bytes and ${size} more are above the device's bound of ${this.limitBytes}`,
      );
    }
    // Counted at once: others may ask while the device answers.
    this.held += size;
    this.peak = Math.max(this.peak, this.held);
    this.device.pushErrorScope("out-of-memory");
    this.device.pushErrorScope("validation");
    const buffer = this.device.createBuffer({ size, usage });
    const [fault, shortage] = await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
    const error = fault ?? shortage;
    this.buffers.add(buffer);
    if (error === null) return buffer;
    this.release(buffer);
    if (this.relieve()) return this.take(bytes, usage);
    throw outOfMemory(size, error.message);
  }

  release(buffer: GPUBuffer): void {
    if (!this.buffers.delete(buffer)) return;
    this.held -= buffer.size;
    buffer.destroy();
  }

  /** Gives everything back, once nobody works on the device any more. */
  releaseAll(): void {
    for (const buffer of this.buffers) this.release(buffer);
  }
}

/** The size of a buffer for that many bytes: whole words, and never none. */
export function bufferBytes(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 4) * 4);
}

function outOfMemory(bytes: number, reason: string): TensorweldError {
  const message = `the device has no room for ${bytes} bytes more: ${reason}`;
  const hint =
    "use --device low_gpu_mem with a smaller --gpu_memory, or add --fallback to go on with the CPU";
  return new TensorweldError("failed", [{ code: "gpu/memory", message, hint }], { retryable: true });
}
