import { describeProblem, type Problem } from "../errors.ts";
import { compareCodePoints } from "../formats/code-point-order.ts";
import { describeFew } from "../formats/describe-few.ts";
import { shorten } from "../formats/describe-json.ts";
import { MANIFEST_NAME } from "../manifest/manifest.ts";
import type { Plan } from "../plan/plan.ts";
import type { WrittenWeights } from "./finish.ts";
import { REPORT_NAME, type TensorReport } from "./tensor-report.ts";

/** What a finished merge did. */
export interface Report {
  readonly outputPath: string;
  /** Names of all files of the output. */
  readonly files: readonly string[];
  readonly tensors: number;
  readonly merged: number;
  /** Tensors whose bytes were copied: their type is not merged, or a lone adapter leaves them as they are. */
  readonly copied: number;
  /** Pieces that the tensors were cut into, and how many of them an earlier attempt had written. */
  readonly pieces: number;
  readonly resumedPieces: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly seconds: number;
  /** Whether the output was there already, whole, and nothing was left to resume. */
  readonly alreadyDone: boolean;
  readonly seed: number;
  /** Names of the devices that computed the output; none when it was there already. */
  readonly devices: readonly string[];
  readonly notices: readonly string[];
  /** Those of the plan. */
  readonly warnings: readonly Problem[];
  /** One for each merged tensor. */
  readonly tensorReports: readonly TensorReport[];
}

/** What the work found out about the tensors. */
export interface Findings extends WrittenWeights {
  /** Names of copied tensors that are not the same in all models. */
  readonly differing: readonly string[];
  /** Pieces that were written, and those that were found written by an earlier attempt. */
  readonly pieces: { readonly written: number; readonly found: number };
  /** What the threads, and those who started them, had to say. */
  readonly told: readonly string[];
}

/** The same at the end of a merge. */
export interface Finished extends Findings {
  /** What could not be deleted beside the output. */
  readonly undeleted: readonly Problem[];
}

/** The report of a merge; `finished` is absent when there was nothing to do. */
export function reportOf(plan: Plan, finished: Finished | undefined, seconds: number): Report {
  const { reports = [], differing = [], undeleted = [], pieces = { written: 0, found: 0 } } = finished ?? {};
  const { told = [], devices = [] } = finished ?? {};
  const { recipe, tasks, shards, documents, companions, cost, schedule } = plan;
  const files = [...shards, ...documents, ...companions].map(({ name }) => name);
  const merged = tasks.filter(({ combination }) => combination !== undefined).length;
  const all = [...files, ...(schedule.writeReport ? [REPORT_NAME] : []), MANIFEST_NAME];
  return {
    outputPath: schedule.outputPath,
    files: all,
    alreadyDone: finished === undefined,
    tensors: tasks.length,
    merged,
    copied: tasks.length - merged,
    pieces: pieces.written + pieces.found,
    resumedPieces: pieces.found,
    bytesRead: cost.bytesRead,
    bytesWritten: cost.bytesWritten,
    seconds,
    seed: recipe.seed,
    devices,
    notices: [...plan.notices, ...told, ...mixed(devices), ...differs(differing), ...undeleted.map(stays)],
    warnings: plan.warnings,
    tensorReports: reports,
  };
}

function mixed(devices: readonly string[]): readonly string[] {
  if (devices.length < 2) return [];
  return [
    `Parts were computed on different devices, which may differ in the last place: ${devices.join("; ")}.`,
  ];
}

/** One notice for all of them, since where one is not the same, a thousand often are; in an order that no worker decides. */
function differs(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const listed = describeFew(names.toSorted(compareCodePoints), (name) => JSON.stringify(shorten(name)));
  const [are, their] = names.length === 1 ? ["is", "its"] : ["are", "their"];
  return [`${listed} ${are} not merged, and ${their} values are not the same in all models`];
}

function stays(problem: Problem): string {
  return `The output is complete, and what is no longer needed stays beside it: ${describeProblem(problem)}`;
}
