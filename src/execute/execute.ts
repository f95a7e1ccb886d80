import { isTensorweldError, type Problem, TensorweldError, withHint } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import { createBlockHasher } from "../kernels/hashes/wasm.ts";
import type { BackendName } from "../kernels/index.ts";
import type { Plan } from "../plan/plan.ts";
import { refuseChangedInputs } from "./changed-inputs.ts";
import { computedAnew, deviceOf, mayStay } from "./computed-on.ts";
import { finishFolder } from "./finish.ts";
import { Flusher } from "./flusher.ts";
import type { JobSetup } from "./job.ts";
import { Journal } from "./journal.ts";
import { pieceEntries } from "./journal-entry.ts";
import { journalEntries } from "./journal-reader.ts";
import { runTickets } from "./pool.ts";
import { PriorWork } from "./prior-work.ts";
import { type Progress, type ProgressCount, progressOf } from "./progress.ts";
import { type Findings, type Report, reportOf } from "./report.ts";
import { Staging } from "./staging.ts";
import { startThreads } from "./start-threads.ts";
import { failIfMadeNonFinite, type TensorReport, tensorReport } from "./tensor-report.ts";
import type { StartGpuThreads, StartThread } from "./thread.ts";
import { bytesMoved, bytesWritten } from "./ticket.ts";
import { type RunTickets, Work, type WorkEvents } from "./work.ts";
import { WrittenHashes } from "./written-hashes.ts";

export interface ExecuteOptions {
  /** Stops the merge when aborted; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Called after every piece of work, on the calling thread. */
  readonly onProgress?: (progress: Progress) => void;
  /** What computes: `wasm` (the default), or `reference`, which is slow and defines the answer. */
  readonly backend?: BackendName;
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
 * @throws TensorweldError `refused` when something is in the way beside the output or at its path, else `failed` or
 *   `interrupted`; then the inputs are untouched, as is what was at the output's path, and what is done is kept for a
 *   merge that resumes, where going on makes sense.
 */
export async function executePlan(plan: Plan, options: ExecuteOptions, platform: Platform): Promise<Report> {
  const { storage } = platform;
  const start = performance.now();
  throwIfInterrupted(options.signal);
  await refuseChangedInputs(storage, plan);
  if (plan.isFinished) {
    await Staging.clear(storage, plan);
    return reportOf(plan, undefined, secondsSince(start));
  }
  const staging = await Staging.claim(storage, plan);
  let journal: Journal | undefined;
  try {
    await staging.createShards();
    journal = await Journal.open(storage, staging.journal);
    const found = await writeShards(plan, { staging, journal }, options, platform);
    await finishFolder(plan, staging, found, storage);
    await refuseChangedInputs(storage, plan);
    throwIfInterrupted(options.signal);
    await journal.close();
    await staging.commit();
    const undeleted = await clearUp(staging);
    return reportOf(plan, { ...found, undeleted }, secondsSince(start));
  } catch (error) {
    await journal?.close().catch(() => undefined);
    throw await leave(staging, storage, error);
  }
}

/** Deletes what is not needed once the output stands complete. What can't be deleted is no failure any more. */
async function clearUp(staging: Staging): Promise<readonly Problem[]> {
  try {
    await staging.clear();
    return [];
  } catch (error) {
    if (!isTensorweldError(error)) throw error;
    return error.problems;
  }
}

/** Keeps what is done where a later merge can go on from it, else deletes it; returns the error to throw. */
async function leave(staging: Staging, storage: Storage, error: unknown): Promise<unknown> {
  const mayGoOn = isTensorweldError(error) && (error.outcome === "interrupted" || error.retryable);
  if (mayGoOn && ((await storage.look(staging.journal))?.size ?? 0) > 0) {
    await staging.keep();
    return withHint(error, "what is done is kept: the same command with --resume goes on from there");
  }
  // What went wrong first is what a person should hear of.
  await staging.discard().catch(() => undefined);
  return error;
}

/** Where the work is done, and what it is noted down in. */
interface Place {
  readonly staging: Staging;
  readonly journal: Journal;
}

/** Runs all tickets and puts the shards on the device. */
async function writeShards(
  plan: Plan,
  { staging, journal }: Place,
  options: ExecuteOptions,
  platform: Platform,
): Promise<Findings> {
  const reports: TensorReport[] = [];
  const differing: string[] = [];
  const pieces = { written: 0, found: 0 };
  const hashes = new WrittenHashes();
  const told: string[] = [];
  const tell = (notice: string): unknown => told.push(notice);
  const devices = new Set<string>();
  const flusher = new Flusher(platform.storage);
  const { gpu, threads } = await startThreads(plan, setupOf(plan, staging, options), platform, tell);
  const run: RunTickets = (tickets, done) => runTickets(tickets, threads, done, options.signal);
  const events: WorkEvents = {
    moved(moved, results) {
      journal.add(moved.flatMap((piece, index) => pieceEntries(piece, results[index]!)));
      moved.forEach((piece, index) => {
        if (piece.pass?.emits !== false) {
          flusher.wrote(staging.shards[piece.target.file]!, bytesWritten(piece));
          pieces.written++;
        }
        hashes.add(piece, results[index]!);
        devices.add(deviceOf(results[index]!));
        progress.moved(bytesMoved(piece));
      });
    },
    found(piece, result) {
      pieces.found++;
      hashes.add(piece, result);
      devices.add(deviceOf(result));
      progress.moved(bytesMoved(piece));
    },
    shared: ({ name: tensor }, observed) => journal.add([{ kind: "tensor", tensor, observed }]),
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
  };
  let progress: ProgressCount;
  try {
    const prior = await priorWork(plan, staging, gpu, options, platform);
    if (prior.rejectedPieces > 0) tell(computedAnew(prior.rejectedPieces, gpu));
    const work = new Work(plan, run, events, prior);
    progress = progressOf(plan, work.totalBytes(), options.onProgress);
    await work.do();
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
  throwIfInterrupted(options.signal);
  await flusher.finish(staging.shards);
  const order = new Map(plan.tasks.map(({ name }, position) => [name, position]));
  return {
    reports: reports.toSorted((a, b) => order.get(a.name)! - order.get(b.name)!),
    differing,
    pieces,
    hashes,
    told,
    devices: [...devices].toSorted(),
  };
}

/** What is done already of a merge that goes on with that GPU, or with the CPU. */
async function priorWork(
  plan: Plan,
  { journal, shards }: Staging,
  gpu: string | undefined,
  { signal }: ExecuteOptions,
  { storage }: Platform,
): Promise<PriorWork> {
  const fallback = plan.schedule.gpu?.fallback === true;
  return PriorWork.confirmed(journalEntries(storage, journal), plan, shards, {
    accepts: (earlier) => mayStay(earlier, gpu, fallback),
    storage,
    hasher: createBlockHasher(),
    signal,
  });
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

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const message = "the merge was interrupted; nothing was written to the output path";
  throw new TensorweldError("interrupted", [{ code: "execute/interrupted", message }], {
    cause: signal.reason,
  });
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
