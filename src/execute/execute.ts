import { type Problem, TensorweldError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { BackendName } from "../kernels/index.ts";
import type { Plan } from "../plan/plan.ts";
import { Flusher } from "./flusher.ts";
import type { JobSetup } from "./job.ts";
import { runTickets } from "./pool.ts";
import { Staging } from "./staging.ts";
import type { StartThread } from "./thread.ts";
import { bytesMoved, bytesWritten, ticketsOf } from "./ticket.ts";

/** How far a merge has come. */
export interface Progress {
  /** Bytes read and written so far, and in all. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly tensorsDone: number;
  readonly tensorsTotal: number;
}

export interface ExecuteOptions {
  /** Stops the merge when aborted; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Called after every piece of work, on the calling thread. */
  readonly onProgress?: (progress: Progress) => void;
  /** What computes: `wasm` (the default), or `reference`, which is slow and defines the answer. */
  readonly backend?: BackendName;
}

/** What a finished merge did. */
export interface Report {
  readonly outputPath: string;
  /** Names of all files of the output. */
  readonly files: readonly string[];
  readonly tensors: number;
  readonly merged: number;
  /** Tensors whose bytes were copied because their type is not merged. */
  readonly copied: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly seconds: number;
  readonly seed: number;
  readonly notices: readonly string[];
}

/** What execution needs of the place it runs in. */
export interface Platform {
  readonly storage: Storage;
  readonly startThread: StartThread;
}

/**
 * Carries out a plan and resolves when the output stands complete under its name.
 * @throws TensorweldError `failed` or `interrupted`; then there is no output, and the inputs are untouched.
 */
export async function executePlan(plan: Plan, options: ExecuteOptions, platform: Platform): Promise<Report> {
  const { storage } = platform;
  const start = performance.now();
  await refuseChangedInputs(storage, plan);
  const staging = new Staging(storage, plan);
  await staging.claim();
  try {
    await staging.createShards();
    const differing = await writeShards(plan, staging, options, platform);
    await refuseChangedInputs(storage, plan);
    throwIfInterrupted(options.signal);
    await staging.commit();
    return reportOf(plan, differing, (performance.now() - start) / 1000);
  } catch (error) {
    await staging.remove();
    throw error;
  }
}

/** Runs all tickets and puts everything on the device; returns the names of copied tensors that differ. */
async function writeShards(
  plan: Plan,
  staging: Staging,
  options: ExecuteOptions,
  { storage, startThread }: Platform,
): Promise<readonly string[]> {
  const differing = new Set<string>();
  const flusher = new Flusher(storage);
  const advance = progressOf(plan, options.onProgress);
  const threads = Array.from({ length: plan.schedule.workers }, () =>
    startThread(setupOf(plan, staging, options)),
  );
  try {
    await runTickets(
      ticketsOf(plan),
      threads,
      (ticket, result) => {
        for (const name of result.differing) differing.add(name);
        for (const piece of ticket.pieces) {
          flusher.wrote(staging.shards[piece.target.file]!, bytesWritten(piece));
          advance(bytesMoved(piece), piece.last);
        }
      },
      options.signal,
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
  throwIfInterrupted(options.signal);
  const others = await staging.addCompanions();
  await flusher.finish([...staging.shards, ...others]);
  return [...differing];
}

function setupOf(plan: Plan, staging: Staging, options: ExecuteOptions): JobSetup {
  return {
    backend: options.backend ?? "wasm",
    capacityBytes: plan.cost.bufferBytes / plan.schedule.workers,
    inputs: plan.inputs.map(({ path }) => path),
    outputs: staging.shards,
  };
}

function progressOf(
  plan: Plan,
  onProgress: ExecuteOptions["onProgress"],
): (bytes: number, last: boolean) => void {
  const bytesTotal = plan.cost.bytesRead + plan.cost.bytesWritten;
  const tensorsTotal = plan.tasks.length;
  let bytesDone = 0;
  // Tensors without elements need no work and are done from the start.
  let tensorsDone = plan.tasks.filter(({ elements }) => elements === 0).length;
  return (bytes, last) => {
    bytesDone += bytes;
    if (last) tensorsDone++;
    onProgress?.({ bytesDone, bytesTotal, tensorsDone, tensorsTotal });
  };
}

/** Throws `io/input-changed` when a file is not as long or as old as it was when the plan was made. */
async function refuseChangedInputs(storage: Storage, plan: Plan): Promise<void> {
  const problems: Problem[] = [];
  for (const { path, size, modified } of plan.inputs) {
    const now = await storage.open(path);
    await now.close();
    if (now.size === size && now.modified === modified) continue;
    const was = `${size} bytes, changed ${new Date(modified).toISOString()}`;
    const is = `${now.size} bytes, changed ${new Date(now.modified).toISOString()}`;
    const message = `was changed since the merge was planned: then ${was}, now ${is}`;
    const hint = "merge again once nothing writes to it";
    problems.push({ code: "io/input-changed", file: path, message, hint });
  }
  if (problems.length > 0) throw new TensorweldError("failed", problems);
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const message = "the merge was interrupted; nothing was written to the output path";
  throw new TensorweldError("interrupted", [{ code: "execute/interrupted", message }], {
    cause: signal.reason,
  });
}

function reportOf(plan: Plan, differing: readonly string[], seconds: number): Report {
  const { recipe, tasks, shards, documents, companions, cost, schedule } = plan;
  const merged = tasks.filter(({ merge }) => merge !== undefined).length;
  return {
    outputPath: schedule.outputPath,
    files: [...shards, ...documents, ...companions].map(({ name }) => name),
    tensors: tasks.length,
    merged,
    copied: tasks.length - merged,
    bytesRead: cost.bytesRead,
    bytesWritten: cost.bytesWritten,
    seconds,
    seed: recipe.seed,
    notices: [...plan.notices, ...differing.map(differs)],
  };
}

function differs(name: string): string {
  return `${JSON.stringify(name)} is not merged, and its values are not the same in all models`;
}
