import type { DeviceMemory } from "./device-memory.ts";

/** Inputs of chunks that stay on the device from one pass over their tensor to the next. */
export class KeptInputs {
  private readonly memory: DeviceMemory;
  private readonly limitBytes: number;
  private readonly buffers = new Map<string, GPUBuffer>();
  private held = 0;

  constructor(memory: DeviceMemory, limitBytes: number) {
    this.memory = memory;
    this.limitBytes = limitBytes;
  }

  /** Takes a buffer over under a name; false when there is no room for it, and it stays whose it was. */
  keep(name: string, buffer: GPUBuffer): boolean {
    if (this.held + buffer.size > this.limitBytes || this.buffers.has(name)) return false;
    this.held += buffer.size;
    this.buffers.set(name, buffer);
    return true;
  }

  /** Hands out the buffer of that name, when it is there. */
  recall(name: string): GPUBuffer | undefined {
    const buffer = this.buffers.get(name);
    if (buffer === undefined) return undefined;
    this.buffers.delete(name);
    this.held -= buffer.size;
    return buffer;
  }

  /** Makes room; whether there was anything to give up. */
  drop(): boolean {
    const had = this.buffers.size > 0;
    for (const buffer of this.buffers.values()) this.memory.release(buffer);
    this.buffers.clear();
    this.held = 0;
    return had;
  }
}
