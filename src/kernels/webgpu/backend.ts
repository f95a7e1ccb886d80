import type { Prelude, Structure } from "../../formula/stage.ts";
import type { Backend, Buffers, Kernel, KernelArguments, Layout, Partials } from "../backend.ts";
import { createWasmBackend } from "../wasm/backend.ts";
import type { ComputeDevice } from "./compute-device.ts";
import { isPrintable } from "./print.ts";
import { RunBuffers } from "./run-buffers.ts";
import { elementsPerRun } from "./run-size.ts";
import { inputsGone, type RunResult, runOnDevice, tableWords } from "./run.ts";

export interface WebgpuOptions {
  /** Bytes of the device's memory that this backend may hold; absent: what there is. */
  readonly shareBytes?: number;
  /** Told when not even a block of a pass fits the device, and the CPU computes it. */
  readonly onTooLarge?: () => void;
}

/**
 * A backend that computes on a GPU; several of them on one device work side by side. The buffers that files are read into
 * are those of a WebAssembly backend, which computes what the device can't: float64, and passes that don't fit it.
 */
export function createWebgpuBackend(
  shared: ComputeDevice,
  capacityBytes: number,
  options: WebgpuOptions = {},
): Backend {
  return new WebgpuBackend(shared, createWasmBackend(capacityBytes), options);
}

class WebgpuBackend implements Backend {
  private readonly shared: ComputeDevice;
  private readonly cpu: Backend;
  private readonly shareBytes: number;
  private readonly onTooLarge: () => void;
  private readonly buffers: RunBuffers;
  /** The run of elements that the host's buffers are for. */
  private current: readonly [Layout, number] = [{ inputs: [], output: "F32" }, 0];
  /** The device's buffer that holds all inputs of the last run. */
  private uploaded: GPUBuffer | undefined;
  /** Whether the device alone has the inputs. */
  private isRecalled = false;

  constructor(shared: ComputeDevice, cpu: Backend, { shareBytes = Infinity, onTooLarge }: WebgpuOptions) {
    this.shared = shared;
    this.cpu = cpu;
    this.shareBytes = shareBytes;
    this.onTooLarge = onTooLarge ?? ((): void => {});
    this.buffers = new RunBuffers(shared, shareBytes);
  }

  buffersFor(layout: Layout, elements: number): Buffers {
    this.current = [layout, elements];
    return this.cpu.buffersFor(layout, elements);
  }

  hash(bytes: Uint8Array, blockBytes: number): ReturnType<Backend["hash"]> {
    return this.cpu.hash(bytes, blockBytes);
  }

  recall(name: string): boolean {
    const buffer = this.shared.kept?.recall(name);
    this.isRecalled = buffer !== undefined;
    if (buffer === undefined) return false;
    this.buffers.exchangeInputs(buffer);
    this.uploaded = buffer;
    return true;
  }

  async compile(structure: Structure, layout: Layout, preludes: readonly Prelude[] = []): Promise<Kernel> {
    const isPrinted = preludes.length === 0 && isPrintable(structure, layout);
    if (isPrinted) return { run: (args) => this.run(structure, layout, args) };
    const kernel = await this.cpu.compile(structure, layout, preludes);
    return {
      run: (args) => {
        // What the device has is of another run of elements, and a later pass over these must not take it for theirs.
        if (args.sameInputs !== true) this.uploaded = undefined;
        return kernel.run(args);
      },
    };
  }

  private async run(structure: Structure, layout: Layout, args: KernelArguments): Promise<Partials> {
    const { limits } = this.shared.device;
    const perRun = elementsPerRun(structure, layout, tableWords(structure, args), limits, this.shareBytes);
    const isWhole = args.elements <= perRun;
    // What the device has is of another run of elements, whoever computes this one.
    if (args.sameInputs !== true) this.uploaded = undefined;
    const isRecalled = this.isRecalled && args.sameInputs === true;
    if (isRecalled && !isWhole) throw inputsGone();
    if (perRun === 0) {
      this.onTooLarge();
      return (await this.cpu.compile(structure, layout)).run(args);
    }
    try {
      this.shared.check();
      const pipeline = await this.shared.pipelines.get(structure, layout);
      const results: RunResult[] = [];
      for (let offset = 0; offset < args.elements; offset += perRun) {
        const elements = Math.min(perRun, args.elements - offset);
        const run = {
          structure,
          layout,
          offsetElements: offset,
          arguments: { ...args, elements, firstElement: args.firstElement + offset },
          uploaded: isWhole ? this.uploaded : undefined,
          hostHasInputs: !isRecalled,
          goesOn: offset > 0,
          readsTallies: offset + elements === args.elements,
        };
        const host = (): Buffers => this.cpu.buffersFor(...this.current);
        results.push(await runOnDevice(this.shared, pipeline, this.buffers, host, run));
      }
      this.isRecalled = false;
      this.uploaded = isWhole ? this.buffers.inputs : undefined;
      if (args.keepAs !== undefined) this.keepInputs(args.keepAs);
      return joined(structure, results);
    } catch (error) {
      throw await this.shared.explained(error);
    }
  }

  private keepInputs(name: string): void {
    if (this.uploaded === undefined || this.shared.kept?.keep(name, this.uploaded) !== true) return;
    this.buffers.partWithInputs();
    this.uploaded = undefined;
  }
}

/** What several runs made of the elements of one pass, which come one after the other. */
function joined({ reductions, tallies }: Structure, results: readonly RunResult[]): Partials {
  return {
    reductions: reductions.map((_, index) =>
      Float64Array.from(results.flatMap((one) => one.reductions[index]!)),
    ),
    tallies: results.at(-1)?.tallies ?? tallies.map(() => new Uint32Array(0)),
  };
}
