import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { Chance } from "./chance.ts";
import { areSame, contentsOf, type FolderContents, writeContents } from "./folder-contents.ts";
import { type Ending, MergeProcess } from "./merge-process.ts";
import { randomMoment } from "./moment.ts";
import { isManifestStaged, journaledPieces, workshopOf } from "./workshop.ts";

/** Workers of a merge, at most. */
export const MAX_WORKERS = 4;

/** Buffers of each worker: so small that large tensors are cut into several pieces. */
const WORKER_MEGABYTES = 33;

/** What each further worker takes beside its buffers, and what the main thread takes, as `src/plan/memory.ts` has it. */
const FURTHER_WORKER_MEGABYTES = 22;
const MAIN_MEGABYTES = 11;

/** How likely a merge that was killed is killed again when it is resumed. */
const KILLED_AGAIN = 0.4;

/** How likely a merge is resumed with another number of workers, whose pieces may be other ones. */
const OTHER_WORKERS = 0.2;

/** What is merged, and what comes of it when nobody interferes. */
export interface Subject {
  /** Path of the program's main file. */
  readonly program: string;
  /** The flags that say what is merged, and how. */
  readonly flags: readonly string[];
  /** What an undisturbed merge made, how many pieces it wrote, and how long it took. */
  readonly reference: FolderContents;
  readonly pieces: number;
  readonly milliseconds: number;
  /** What is at the output's path before, to be overwritten. */
  readonly old: FolderContents | undefined;
}

/** What became of a merge that was killed and resumed. */
export interface Course {
  /** How far the merge was at each kill, in words. */
  readonly kills: readonly string[];
  /** Pieces that were journaled when it was resumed for the last time, and those of them that were not done again. */
  readonly journaled: number;
  readonly resumed: number;
  /** What must not be, in words. */
  readonly violations: readonly string[];
}

/** One merge that is killed, perhaps again, and resumed to the end, all of it watched. */
export class Experiment {
  private readonly subject: Subject;
  private readonly chance: Chance;
  private readonly folder: string;
  private readonly output: string;
  private readonly kills: string[] = [];
  private readonly violations: string[] = [];
  private workers: number;

  /** @param parent where it makes a folder of its own. */
  constructor(subject: Subject, workers: number, parent: string, chance: Chance) {
    this.subject = subject;
    this.workers = workers;
    this.chance = chance;
    this.folder = mkdtempSync(join(parent, "merge-"));
    this.output = join(this.folder, "out");
  }

  async run(): Promise<Course> {
    try {
      while (this.kills.length === 0) {
        this.begin();
        await this.killOnce();
      }
      while (this.chance.happens(KILLED_AGAIN)) await this.killOnce();
      const counts = await this.resume();
      return { ...counts, kills: this.kills, violations: this.violations };
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private begin(): void {
    rmSync(this.folder, { recursive: true, force: true });
    writeContents(this.folder, new Map());
    if (this.subject.old !== undefined) writeContents(this.output, this.subject.old);
  }

  /** Starts or resumes the merge and kills it, unless it is quicker. */
  private async killOnce(): Promise<void> {
    const { milliseconds, pieces } = this.subject;
    const merge = this.start(this.kills.length > 0);
    const moment = randomMoment(this.chance, milliseconds, pieces);
    await moment(this.output, () => merge.hasEnded);
    merge.kill("SIGKILL");
    const ending = await merge.ending;
    if (ending.code === undefined) this.kills.push(this.stage());
    else this.expectDone(ending);
    this.expectWhole();
  }

  /** Resumes the merge to its end. */
  private async resume(): Promise<Pick<Course, "journaled" | "resumed">> {
    const journaled = journaledPieces(this.output);
    const hasOtherWorkers = this.chance.happens(OTHER_WORKERS);
    if (hasOtherWorkers) this.workers = 1 + (this.workers % MAX_WORKERS);
    const ending = await this.start(true).ending;
    this.expectDone(ending);
    const others = readdirSync(this.folder).filter((name) => name !== "out");
    this.expect(others.length === 0, `leaves ${others.join(", ")} beside the output`);
    const report = reportOf(ending);
    if (report === undefined || report.alreadyDone) return { journaled: 0, resumed: 0 };
    const resumed = report.resumedPieces;
    const isExact = hasOtherWorkers ? resumed <= journaled : resumed === journaled;
    this.expect(isExact, `${journaled} pieces are journaled, and ${resumed} are not done again`);
    return { journaled, resumed };
  }

  private start(resume: boolean): MergeProcess {
    const { program, flags, old } = this.subject;
    const more = [...(resume ? ["--resume"] : []), ...(old === undefined ? [] : ["--overwrite"])];
    return new MergeProcess(program, [...flags, ...workFlags(this.output, this.workers), ...more]);
  }

  /** How far the merge has come, as its traces tell. */
  private stage(): string {
    const journaled = journaledPieces(this.output);
    if (areSame(contentsOf(this.output), this.subject.reference)) return "output in place";
    if (isManifestStaged(this.output)) return "all files written";
    if (journaled > 0) return journaled < this.subject.pieces ? "some pieces written" : "all pieces written";
    return existsSync(workshopOf(this.output)) ? "no piece written" : "nothing written";
  }

  /** The output is there, whole, or is not; an old one is where it was, or in safety for the moment of replacing it. */
  private expectWhole(): void {
    const { reference, old } = this.subject;
    const aside = contentsOf(join(workshopOf(this.output), "replaced"));
    const found = contentsOf(this.output);
    const isOld = areSame(found, old) || (found === undefined && areSame(aside, old));
    this.expect(isOld || areSame(found, reference), "the output is neither the old one, nor whole");
  }

  private expectDone({ code, out, err }: Ending): void {
    this.expect(code === 0, `ends with exit code ${code}: ${out}${err}`);
    this.expect(areSame(contentsOf(this.output), this.subject.reference), "the output has other bytes");
  }

  private expect(condition: boolean, otherwise: string): void {
    if (!condition) this.violations.push(`after ${this.kills.length} kills: ${otherwise}`);
  }
}

interface MergeReport {
  readonly alreadyDone: boolean;
  readonly pieces: number;
  readonly resumedPieces: number;
}

/** What a merge printed at its end; undefined when it failed. */
export function reportOf({ code, out }: Ending): MergeReport | undefined {
  return code === 0 ? (JSON.parse(out) as MergeReport) : undefined;
}

/** The flags that say where a merge writes and with how many workers, whose share of memory is always the same. */
export function workFlags(output: string, workers: number): readonly string[] {
  const megabytes = WORKER_MEGABYTES * workers + FURTHER_WORKER_MEGABYTES * (workers - 1) + MAIN_MEGABYTES;
  return ["--output_path", output, "--n_process", String(workers), "--max_memory", `${megabytes}MB`];
}
