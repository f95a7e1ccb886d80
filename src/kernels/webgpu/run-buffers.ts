import type { ComputeDevice } from "./compute-device.ts";
import { bufferBytes } from "./device-memory.ts";
import type { RunBytes } from "./run-size.ts";

type Slot = keyof RunBytes;

/** What buffers are used for; `GPUBufferUsage`, whose names are not there in Node. */
const MAP_READ = 0x1;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const STORAGE = 0x80;

const usages: Readonly<Record<Slot, GPUBufferUsageFlags>> = {
  parameters: STORAGE | COPY_DST,
  inputs: STORAGE | COPY_DST,
  output: STORAGE | COPY_SRC,
  trees: STORAGE | COPY_DST,
  tallies: STORAGE | COPY_SRC | COPY_DST,
  partials: STORAGE | COPY_SRC,
  readback: MAP_READ | COPY_DST,
};

/** The buffers of one backend on a device, made anew only when a run needs larger ones. */
export class RunBuffers {
  private readonly shared: ComputeDevice;
  private readonly shareBytes: number;
  private readonly buffers = new Map<Slot, GPUBuffer>();

  /** @param shareBytes of the device's memory that all of them together may take. */
  constructor(shared: ComputeDevice, shareBytes: number) {
    this.shared = shared;
    this.shareBytes = shareBytes;
  }

  /** Buffers of at least these sizes, which together fit the share. Inputs that are large enough stay. */
  async atLeast(bytes: RunBytes): Promise<Readonly<Record<Slot, GPUBuffer>>> {
    const slots = Object.keys(usages) as Slot[];
    const isShort = (slot: Slot): boolean => (this.buffers.get(slot)?.size ?? 0) < bytes[slot];
    for (const slot of slots.filter(isShort)) this.replace(slot, undefined);
    const stay = slots.reduce((sum, slot) => sum + (this.buffers.get(slot)?.size ?? 0), 0);
    const missing = slots.filter(isShort).reduce((sum, slot) => sum + bufferBytes(bytes[slot]), 0);
    // What was made for other runs may be larger than this one needs.
    if (stay + missing > this.shareBytes) this.release();
    for (const slot of slots.filter(isShort)) {
      this.buffers.set(slot, await this.shared.memory.take(bytes[slot], usages[slot]));
    }
    return Object.fromEntries(this.buffers) as Record<Slot, GPUBuffer>;
  }

  /** The buffer of the inputs as it is now, if any. */
  get inputs(): GPUBuffer | undefined {
    return this.buffers.get("inputs");
  }

  /** Puts another buffer in the place of the inputs', or none. */
  exchangeInputs(buffer: GPUBuffer): void {
    this.replace("inputs", buffer);
  }

  /** Lets the inputs' buffer go to someone else. */
  partWithInputs(): void {
    this.buffers.delete("inputs");
  }

  release(): void {
    for (const slot of this.buffers.keys()) this.replace(slot, undefined);
  }

  private replace(slot: Slot, buffer: GPUBuffer | undefined): void {
    const old = this.buffers.get(slot);
    if (old !== undefined) this.shared.memory.release(old);
    if (buffer === undefined) this.buffers.delete(slot);
    else this.buffers.set(slot, buffer);
  }
}
