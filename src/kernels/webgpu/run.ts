import { bytesOf } from "../../dtype.ts";
import { TensorweldError } from "../../errors.ts";
import { BLOCK_ELEMENTS, reductions } from "../../formula/reductions.ts";
import type { Structure } from "../../formula/stage.ts";
import { type Buffers, type KernelArguments, type Layout, tallyCells } from "../backend.ts";
import { bufferOffsets } from "../buffers.ts";
import type { ComputeDevice } from "./compute-device.ts";
import { bufferBytes } from "./device-memory.ts";
import { parametersOf, parameterWords } from "./parameters.ts";
import { bindings, partialWords } from "./print.ts";
import type { RunBuffers } from "./run-buffers.ts";
import { type RunBytes, runBytes, type TableWords } from "./run-size.ts";
import { sumAt } from "./sums.ts";
import { SLICE_ELEMENTS, SLICES_PER_BLOCK } from "./workgroup.ts";

/** `GPUMapMode.READ`, whose name is not there in Node. */
const READ = 1;

/** One pass over some elements, as a device is told it. */
export interface DeviceRun {
  readonly structure: Structure;
  readonly layout: Layout;
  /** Where its elements begin in the host's buffers. */
  readonly offsetElements: number;
  /** Of this run, which are no more than fit. */
  readonly arguments: KernelArguments;
  /** The device's buffer that holds the inputs already, if any. */
  readonly uploaded: GPUBuffer | undefined;
  /** Whether the host has them too. */
  readonly hostHasInputs: boolean;
  /** Whether counting goes on from the run before. */
  readonly goesOn: boolean;
  /** Whether the counts are wanted: after the last run of a pass. */
  readonly readsTallies: boolean;
}

/** What a run made, but for the output. */
export interface RunResult {
  /** For each reduction, one partial per block. */
  readonly reductions: readonly (readonly number[])[];
  readonly tallies: readonly Uint32Array[];
}

/** Uploads what a run needs, runs it, and reads back what it made: the output into the host's buffers. */
export async function runOnDevice(
  shared: ComputeDevice,
  pipeline: GPUComputePipeline,
  buffers: RunBuffers,
  host: () => Buffers,
  run: DeviceRun,
): Promise<RunResult> {
  const { structure, layout } = run;
  const { elements, trees } = run.arguments;
  const counts = structure.tallies.map((tally) => tallyCells(tally, trees));
  const bytes = runBytes(structure, layout, elements, tableWords(structure, run.arguments));
  const on = await buffers.atLeast(bytes);
  // To make room, the buffer that held them may have gone.
  const isUploaded = run.uploaded === on.inputs;
  if (!isUploaded && !run.hostHasInputs) throw inputsGone();
  if (!isUploaded) uploadInputs(shared.device.queue, on.inputs, host(), run);
  upload(shared.device.queue, on, run, counts);

  const entries = Object.entries(bindings).map(([name, binding]) => {
    const slot = name as keyof typeof bindings;
    return { binding, resource: { buffer: on[slot], size: bytes[slot] } };
  });
  const encoder = shared.device.createCommandEncoder();
  if (!run.goesOn) encoder.clearBuffer(on.tallies, 0, bytes.tallies);
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, shared.device.createBindGroup({ layout: shared.pipelines.bindGroupLayout, entries }));
  pass.dispatchWorkgroups(...workgroups(elements, shared.device.limits.maxComputeWorkgroupsPerDimension));
  pass.end();

  const back = readbackOf(run, bytes);
  for (const { slot, at, length } of back.parts) {
    if (length > 0) encoder.copyBufferToBuffer(on[slot], 0, on.readback, at, length);
  }
  shared.device.queue.submit([encoder.finish()]);
  await on.readback.mapAsync(READ, 0, back.length);
  shared.check();
  const mapped = on.readback.getMappedRange(0, back.length);
  try {
    return taken(new Uint8Array(mapped), back, host(), run, counts);
  } finally {
    on.readback.unmap();
  }
}

/** Words of the tables of a pass with these arguments. */
export function tableWords({ tallies }: Structure, { trees }: Pick<KernelArguments, "trees">): TableWords {
  return {
    trees: trees.reduce((sum, { cells }) => sum + cells.length, 0),
    tallies: tallies.reduce((sum, tally) => sum + tallyCells(tally, trees).length, 0),
  };
}

type Counts = readonly { readonly first: number; readonly length: number }[];

function uploadInputs(
  queue: GPUQueue,
  to: GPUBuffer,
  { inputs }: Buffers,
  { layout, offsetElements, arguments: { elements } }: DeviceRun,
): void {
  const offsets = bufferOffsets(layout, elements).inputs;
  layout.inputs.forEach((dtype, index) => {
    const { buffer, byteOffset } = inputs[index]!;
    const from = byteOffset + bytesOf(dtype, offsetElements);
    // Whole words are written; behind each of the host's buffers there is room up to its alignment.
    const length = Math.ceil(bytesOf(dtype, elements) / 4) * 4;
    queue.writeBuffer(to, offsets[index]!, buffer, from, length);
  });
}

/** Inputs are kept of whole runs only, and passes over a tensor are alike: this is for devices with odd limits. */
export function inputsGone(): TensorweldError {
  const message = "a pass does not fit the device, though the one before did";
  const hint = "use --device low_gpu_mem, or add --fallback to go on with the CPU";
  return new TensorweldError("failed", [{ code: "gpu/memory", message, hint }], { retryable: true });
}

function upload(
  queue: GPUQueue,
  on: Readonly<Record<keyof RunBytes, GPUBuffer>>,
  { structure, layout, arguments: args }: DeviceRun,
  counts: Counts,
): void {
  const offsets = bufferOffsets(layout, args.elements).inputs;
  const starts = startsOf(args.trees.map(({ cells }) => cells.length));
  args.trees.forEach(({ cells }, index) => {
    // Cells may be in memory that threads share, and the queue takes none of that: Node's would crash.
    queue.writeBuffer(on.trees, starts[index]! * 4, new Int32Array(cells));
  });
  const placement = {
    inputs: offsets.map((offset) => offset / 4),
    trees: starts,
    tallies: startsOf(counts.map(({ length }) => length)).map((start, index) => start - counts[index]!.first),
  };
  const parameters = parametersOf(structure, layout.inputs.length);
  queue.writeBuffer(on.parameters, 0, parameterWords(parameters, placement, args));
}

/** Where each of several things begins that lie one after the other. */
function startsOf(lengths: readonly number[]): readonly number[] {
  let next = 0;
  return lengths.map((length) => {
    const start = next;
    next += length;
    return start;
  });
}

/** As many workgroups as there are slices or a few more, in two dimensions: one alone may be too short. */
function workgroups(elements: number, limit: number): [number, number] {
  const slices = Math.ceil(elements / SLICE_ELEMENTS);
  const rows = Math.ceil(slices / limit);
  return [Math.ceil(slices / rows), rows];
}

interface Readback {
  readonly parts: readonly {
    readonly slot: "output" | "partials" | "tallies";
    /** Both in bytes. */
    readonly at: number;
    readonly length: number;
  }[];
  readonly length: number;
}

/** What is read back, and where it lies in the buffer for that. */
function readbackOf({ structure, readsTallies }: DeviceRun, bytes: RunBytes): Readback {
  const lengths = {
    output: structure.emit === undefined ? 0 : bytes.output,
    partials: structure.reductions.length === 0 ? 0 : bytes.partials,
    tallies: structure.tallies.length === 0 || !readsTallies ? 0 : bytes.tallies,
  };
  const slots = ["output", "partials", "tallies"] as const;
  const starts = startsOf(slots.map((slot) => lengths[slot]));
  return {
    parts: slots.map((slot, index) => ({ slot, at: starts[index]!, length: lengths[slot] })),
    length: bufferBytes(lengths.output + lengths.partials + lengths.tallies),
  };
}

function taken(
  mapped: Uint8Array<ArrayBuffer>,
  { parts }: Readback,
  { output }: Buffers,
  { structure, layout, offsetElements, arguments: { elements } }: DeviceRun,
  counts: Counts,
): RunResult {
  const [made, reduced, counted] = parts as [
    Readback["parts"][0],
    Readback["parts"][0],
    Readback["parts"][0],
  ];
  if (made.length > 0) {
    output.set(mapped.subarray(0, bytesOf(layout.output, elements)), bytesOf(layout.output, offsetElements));
  }
  const words = (from: number, length: number): Uint32Array =>
    new Uint32Array(mapped.buffer, mapped.byteOffset + from, length);
  const starts = startsOf(counts.map(({ length }) => length));
  return {
    reductions: blockPartials(structure, words(reduced.at, reduced.length / 4), elements),
    tallies:
      counted.length === 0
        ? []
        : counts.map(({ length }, index) => words(counted.at + starts[index]! * 4, length).slice()),
  };
}

/** For each reduction, its partial of each block, made of those of the block's slices. */
function blockPartials(
  structure: Structure,
  words: Uint32Array,
  elements: number,
): readonly (readonly number[])[] {
  const { starts, length } = partialWords(structure);
  const slices = Math.ceil(elements / SLICE_ELEMENTS);
  return structure.reductions.map(({ by }, index) => {
    const blocks = Array.from({ length: Math.ceil(elements / BLOCK_ELEMENTS) }, () => 0);
    for (let slice = 0; slice < slices; slice++) {
      const at = slice * length + starts[index]!;
      const partial = reductions[by].wgsl.lanes === "sum" ? sumAt(words, at) : words[at]!;
      blocks[Math.floor(slice / SLICES_PER_BLOCK)]! += partial;
    }
    return blocks;
  });
}
