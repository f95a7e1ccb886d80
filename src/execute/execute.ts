import { type Problem, TensorweldError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { BackendName } from "../kernels/index.ts";
import type { Plan } from "../plan/plan.ts";
import { Flusher } from "./flusher.ts";
import type { JobSetup } from "./job.ts";
import { runTickets } from "./pool.ts";
import { Staging } from "./staging.ts";
import { startThreads } from "./start-threads.ts";
import type { StartGpuThreads, StartThread } from "./thread.ts";
import {
  failIfMadeNonFinite,
  REPORT_NAME,
  reportDocument,
  type TensorReport,
  tensorReport,
} from "./tensor-report.ts";
import { bytesMoved, bytesWritten } from "./ticket.ts";
import { type RunTickets, Work } from "./work.ts";

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
  /** Tensors whose bytes were copied: their type is not merged, or a lone adapter leaves them as they are. */
  readonly copied: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly seconds: number;
  readonly seed: number;
  readonly notices: readonly string[];
  /** Those of the plan. */
  readonly warnings: readonly Problem[];
  /** One for each merged tensor. */
  readonly tensorReports: readonly TensorReport[];
}

/** What execution needs of the place it runs in. */
export interface Platform {
  readonly storage: Storage;
  readonly startThread: StartThread;
  /** Absent where there is no way to a GPU. */
  readonly startGpuThreads?: StartGpuThreads;
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
    const found = await writeShards(plan, staging, options, platform);
    await finishFolder(plan, staging, found, storage);
    await refuseChangedInputs(storage, plan);
    throwIfInterrupted(options.signal);
    await staging.commit();
    return reportOf(plan, found, (performance.now() - start) / 1000);
  } catch (error) {
    await staging.remove();
    throw error;
  }
}

/** What the work found out about the tensors. */
interface Findings {
  readonly reports: readonly TensorReport[];
  /** Names of copied tensors that are not the same in all models. */
  readonly differing: readonly string[];
  /** What the threads had to say. */
  readonly told: readonly string[];
}

/** Runs all tickets and puts the shards on the device. */
async function writeShards(
  plan: Plan,
  staging: Staging,
  options: ExecuteOptions,
  platform: Platform,
): Promise<Findings> {
  const reports: TensorReport[] = [];
  const differing: string[] = [];
  const told: string[] = [];
  const flusher = new Flusher(platform.storage);
  const threads = startThreads(plan, setupOf(plan, staging, options), platform, (notice) =>
    told.push(notice),
  );
  const run: RunTickets = (tickets, done) => runTickets(tickets, threads, done, options.signal);
  const work: Work = new Work(plan, run, {
    moved(piece) {
      if (piece.pass?.emits !== false) flusher.wrote(staging.shards[piece.target.file]!, bytesWritten(piece));
      progress.moved(bytesMoved(piece));
    },
    merged(task, passes, observed) {
      const report = tensorReport(task, passes, observed);
      if (!plan.schedule.allowNonFinite) failIfMadeNonFinite(report);
      reports.push(report);
      progress.tensorDone();
    },
    copied({ name }, same) {
      if (!same) differing.push(name);
      progress.tensorDone();
    },
  });
  const progress = progressOf(plan, work.totalBytes(), options.onProgress);
  try {
    await work.do();
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
  throwIfInterrupted(options.signal);
  await flusher.finish(staging.shards);
  const order = new Map(plan.tasks.map(({ name }, position) => [name, position]));
  return { reports: reports.toSorted((a, b) => order.get(a.name)! - order.get(b.name)!), differing, told };
}

/** Puts everything beside the shards into the folder, and on the device. */
async function finishFolder(
  plan: Plan,
  staging: Staging,
  { reports }: Findings,
  storage: Storage,
): Promise<void> {
  const documents = plan.schedule.writeReport ? [reportDocument(reports)] : [];
  for (const path of await staging.addCompanions(documents)) await storage.flush(path);
}

function setupOf(plan: Plan, staging: Staging, options: ExecuteOptions): JobSetup {
  return {
    backend: options.backend ?? "wasm",
    capacityBytes: plan.schedule.workerBytes,
    seed: plan.recipe.seed,
    inputs: plan.inputs.map(({ path }) => path),
    outputs: staging.shards,
  };
}

interface ProgressCount {
  moved(bytes: number): void;
  tensorDone(): void;
}

function progressOf(plan: Plan, bytesTotal: number, onProgress: ExecuteOptions["onProgress"]): ProgressCount {
  const tensorsTotal = plan.tasks.length;
  let bytesDone = 0;
  // Tensors without elements need no work and are done from the start.
  let tensorsDone = plan.tasks.filter(({ elements }) => elements === 0).length;
  const tell = (): void => onProgress?.({ bytesDone, bytesTotal, tensorsDone, tensorsTotal });
  return {
    moved(bytes) {
      bytesDone += bytes;
      tell();
    },
    tensorDone() {
      tensorsDone++;
      tell();
    },
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

function reportOf(plan: Plan, { reports, differing, told }: Findings, seconds: number): Report {
  const { recipe, tasks, shards, documents, companions, cost, schedule } = plan;
  const files = [...shards, ...documents, ...companions].map(({ name }) => name);
  const merged = tasks.filter(({ combination }) => combination !== undefined).length;
  return {
    outputPath: schedule.outputPath,
    files: schedule.writeReport ? [...files, REPORT_NAME] : files,
    tensors: tasks.length,
    merged,
    copied: tasks.length - merged,
    bytesRead: cost.bytesRead,
    bytesWritten: cost.bytesWritten,
    seconds,
    seed: recipe.seed,
    notices: [...plan.notices, ...told, ...differing.map(differs)],
    warnings: plan.warnings,
    tensorReports: reports,
  };
}

function differs(name: string): string {
  return `${JSON.stringify(name)} is not merged, and its values are not the same in all models`;
}
