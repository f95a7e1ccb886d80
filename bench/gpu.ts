import { rmSync } from "node:fs";
import { join } from "node:path";

import type { Awaitable } from "../src/awaitable.ts";
import { executePlan } from "../src/execute/execute.ts";
import { startInlineGpu } from "../src/execute/gpu-jobs.ts";
import { openGpu } from "../src/execute/node-gpu.ts";
import { startInline } from "../src/execute/thread.ts";
import { plan } from "../src/index.ts";
import { nodeStorage } from "../src/io/node.ts";
import type { Storage } from "../src/io/storage.ts";
import { adapterName, requestDevice } from "../src/kernels/webgpu/adapter.ts";
import { makeCheckpoint, type TensorShape } from "./checkpoints.ts";
import { spread, timed } from "./measure.ts";

/** A merge to be timed on a GPU. */
export interface GpuBench {
  readonly folder: string;
  readonly method: string;
  readonly shapes: readonly TensorShape[];
  readonly node: string;
  readonly rounds: number;
}

/** Milliseconds that the parts of a merge took. */
interface Parts {
  upload: number;
  compute: number;
  readback: number;
  files: number;
}

/**
 * Times merges of two BF16 checkpoints with a base: as whole processes on the GPU and on the CPU, in turn; and then once
 * with one chunk at a time, where nothing overlaps, so that upload, compute, readback and files can be told apart.
 */
export async function benchGpu(bench: GpuBench): Promise<Record<string, string>> {
  const [a, b, base] = ["a", "b", "base"].map((name, index) => {
    makeCheckpoint(join(bench.folder, name), bench.shapes, index + 1);
    return join(bench.folder, name);
  }) as [string, string, string];
  const out = join(bench.folder, "out");
  const models = ["--model_path_list", a, b, "--base_model_path", base, "--output_path", out];
  const command = ["dist/cli/main.js", "merge", "--merge_method", bench.method, ...models];
  const seconds: Record<"gpu" | "cpu", number[]> = { gpu: [], cpu: [] };
  for (let round = 0; round <= bench.rounds; round++) {
    for (const device of ["gpu", "cpu"] as const) {
      const arithmetic = device === "gpu" ? ["--tensor_type", "pd"] : ["--n_process", "auto"];
      const { seconds: taken } = timed(bench.node, [
        ...command,
        "--device",
        device,
        ...arithmetic,
        "--quiet",
      ]);
      rmSync(out, { recursive: true });
      // The first round fills the page cache.
      if (round > 0) seconds[device].push(taken);
    }
  }
  const { name, parts } = await apart({
    merge_method: bench.method,
    model_path_list: [a, b],
    base_model_path: base,
    output_path: out,
    device: "gpu",
    tensor_type: "pd",
  });
  rmSync(out, { recursive: true });
  const text = (milliseconds: number): string => (milliseconds / 1000).toFixed(2);
  return {
    device: name,
    "GPU, s": spread(seconds.gpu),
    "CPU, s": spread(seconds.cpu),
    "upload, s": text(parts.upload),
    "compute, s": text(parts.compute),
    "readback, s": text(parts.readback),
    "files, s": text(parts.files),
  };
}

/** Merges once, one chunk at a time. */
async function apart(config: Parameters<typeof plan>[0]): Promise<{ name: string; parts: Parts }> {
  const parts: Parts = { upload: 0, compute: 0, readback: 0, files: 0 };
  const device = await requestDevice(await openGpu());
  watchDevice(device, parts);
  const storage = watchedStorage(parts);
  const planned = await plan(config);
  await executePlan(
    { ...planned, schedule: { ...planned.schedule, workers: 1 } },
    {},
    {
      storage,
      startThread: startInline(storage),
      startGpuThreads: startInlineGpu(storage, device),
    },
  );
  const name = adapterName(device.adapterInfo);
  device.destroy();
  return { name, parts };
}

/**
 * Adds up what a device does: upload lasts from the first byte that is written for a run until the device has all of it,
 * readback from the end of the computation until the host is done with what is mapped.
 */
function watchDevice(device: GPUDevice, parts: Parts): void {
  const { queue } = device;
  const [write, submit] = [queue.writeBuffer.bind(queue), queue.submit.bind(queue)];
  const create = device.createBuffer.bind(device);
  let began: number | undefined;
  let computed: Promise<number> = Promise.resolve(0);
  queue.writeBuffer = (...args) => {
    began ??= performance.now();
    write(...args);
  };
  queue.submit = (commands) => {
    const start = began ?? performance.now();
    began = undefined;
    const uploaded = queue.onSubmittedWorkDone().then(() => performance.now());
    submit(commands);
    const done = queue.onSubmittedWorkDone().then(() => performance.now());
    computed = Promise.all([uploaded, done]).then(([middle, end]) => {
      parts.upload += middle - start;
      parts.compute += end - middle;
      return end;
    });
  };
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const [map, unmap] = [buffer.mapAsync.bind(buffer), buffer.unmap.bind(buffer)];
    let start: number | undefined;
    buffer.mapAsync = async (...args) => {
      await map(...args);
      start = await computed;
    };
    buffer.unmap = () => {
      unmap();
      if (start !== undefined) parts.readback += performance.now() - start;
      start = undefined;
    };
    return buffer;
  };
}

/** Files, with the time added up that reading and writing them takes. */
function watchedStorage(parts: Parts): Storage {
  const timing = async (work: () => Awaitable<void>): Promise<void> => {
    const start = performance.now();
    await work();
    parts.files += performance.now() - start;
  };
  return Object.assign(Object.create(nodeStorage) as Storage, {
    open: async (path: string) => {
      const source = await nodeStorage.open(path);
      const { size, modified } = source;
      const readInto = (into: Uint8Array, at: number) => timing(() => source.readInto(into, at));
      return { path, size, modified, readInto, close: () => source.close() };
    },
    openSink: async (path: string) => {
      const sink = await nodeStorage.openSink(path);
      const write = (from: Uint8Array, at: number) => timing(() => sink.write(from, at));
      return { path, write, close: () => sink.close() };
    },
    flush: (path: string) => timing(() => nodeStorage.flush(path)),
  });
}
