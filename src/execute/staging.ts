import { TensorweldError } from "../errors.ts";
import { encodeHeader } from "../formats/safetensors/write.ts";
import type { Lock, Storage } from "../io/storage.ts";
import type { Document, Plan } from "../plan/plan.ts";
import { refuseLinks } from "./foreign-links.ts";
import { ReplacedOutput } from "./replaced-output.ts";

/** Digits of a plan's hash that tell staged outputs apart. */
const HASH_DIGITS = 12;

const JOURNAL_EXTENSION = ".journal";

/** Names of staged outputs and of journals: of all that lies in the workshop, what a merge may throw away. */
const STAGED_NAME = /^[0-9a-f]{12}(\.journal)?$/;

/**
 * The hidden folder beside an output in which it is made: a lock, the staged output under the plan's hash, and the
 * journal of what is done. A merge writes nowhere else before the output takes its name.
 */
export class Staging {
  readonly journal: string;
  /** Paths of the shards being written, in the plan's order. */
  readonly shards: readonly string[];
  private readonly storage: Storage;
  private readonly plan: Plan;
  /** The hidden folder. */
  private readonly workshop: string;
  /** The staged output. */
  private readonly folder: string;
  private readonly replaced: ReplacedOutput;
  private readonly lock: Lock;

  private constructor(storage: Storage, plan: Plan, workshop: string, lock: Lock) {
    this.storage = storage;
    this.plan = plan;
    this.workshop = workshop;
    this.lock = lock;
    this.replaced = new ReplacedOutput(storage, workshop, plan.schedule.outputPath);
    this.folder = storage.join(workshop, stagedName(plan));
    this.journal = this.folder + JOURNAL_EXTENSION;
    this.shards = plan.shards.map(({ name }) => storage.join(this.folder, name));
  }

  /**
   * Takes the place beside the output for this merge alone. What an unfinished merge left there is kept for `resume`
   * when it was the same merge, thrown away for `overwrite`, and else not touched.
   * @throws TensorweldError `output/link`, `output/locked`, `output/exists` or `output/staging-exists`.
   */
  static async claim(storage: Storage, plan: Plan): Promise<Staging> {
    const staging = await Staging.locked(storage, plan);
    try {
      const isBack = await staging.replaced.settle();
      if (isBack && !plan.schedule.overwrite) throw broughtBack(plan.schedule.outputPath);
      await staging.dealWithLeftovers();
      return staging;
    } catch (error) {
      await staging.keep();
      throw error;
    }
  }

  /** Deletes what a merge left that was stopped after its output had got its name. */
  static async clear(storage: Storage, plan: Plan): Promise<void> {
    if ((await storage.look(workshopOf(storage, plan))) === undefined) return;
    await (await Staging.locked(storage, plan)).clear();
  }

  private static async locked(storage: Storage, plan: Plan): Promise<Staging> {
    const workshop = workshopOf(storage, plan);
    await refuseLinks(storage, workshop, stagedName(plan));
    return new Staging(storage, plan, workshop, await storage.takeLock(workshop));
  }

  /**
   * Makes all shards at full length, their headers written. What is in those already there stays; any other file does
   * not, such as a report that is not asked for this time.
   */
  async createShards(): Promise<void> {
    const { storage, plan, shards } = this;
    await storage.makeFolder(this.folder);
    const found = (await storage.list(this.folder)).map((name) => this.inside(name));
    for (const path of found.filter((path) => !shards.includes(path))) await storage.remove(path);
    for (const [index, { header, size }] of plan.shards.entries()) {
      const path = shards[index]!;
      if ((await storage.look(path))?.size !== size) {
        await storage.remove(path);
        await storage.createFile(path, size);
      }
      const sink = await storage.openSink(path);
      try {
        await sink.write(encodeHeader(header), 0);
      } finally {
        await sink.close();
      }
    }
  }

  /** Writes the plan's documents and `more`, and copies the companions; returns the paths of all of them. */
  async addCompanions(more: readonly Document[]): Promise<readonly string[]> {
    const { companions } = this.plan;
    const written = await this.addDocuments([...this.plan.documents, ...more]);
    for (const { name, from } of companions) await this.storage.copyFile(from, this.inside(name));
    return [...written, ...companions.map(({ name }) => this.inside(name))];
  }

  /** Writes small files; returns their paths. */
  async addDocuments(documents: readonly Document[]): Promise<readonly string[]> {
    for (const { name, text } of documents) await this.storage.writeText(this.inside(name), text);
    return documents.map(({ name }) => this.inside(name));
  }

  /**
   * Gives the staged folder the output's name: from one moment to the next the output is there, whole. An old output
   * that may be overwritten steps aside just before.
   */
  async commit(): Promise<void> {
    const { outputPath, overwrite } = this.plan.schedule;
    await this.storage.commitFolder(this.folder, outputPath, overwrite ? this.replaced.path : undefined);
  }

  /** Deletes the output that was replaced, and all that is no longer needed once the new one has its name. */
  async clear(): Promise<void> {
    try {
      await this.replaced.delete();
    } finally {
      await this.discard();
    }
  }

  /** Deletes all that was staged; an output that stepped aside stays, for the next merge to bring back. */
  async discard(): Promise<void> {
    try {
      await this.storage.remove(this.folder);
      await this.storage.remove(this.journal);
    } finally {
      await this.lock.release();
    }
  }

  /** Leaves what was staged for a merge that resumes. */
  async keep(): Promise<void> {
    await this.lock.release();
  }

  private inside(name: string): string {
    return this.storage.join(this.folder, name);
  }

  private async dealWithLeftovers(): Promise<void> {
    const { resume, overwrite } = this.plan.schedule;
    const mine = stagedName(this.plan);
    const left = (await this.storage.list(this.workshop)).filter((name) => STAGED_NAME.test(name));
    const others = left.filter((name) => name !== mine && name !== mine + JOURNAL_EXTENSION);
    if (left.length > 0 && !overwrite && !(resume && others.length === 0)) {
      throw leftovers(this.workshop, others.length === 0, resume);
    }
    for (const name of resume ? others : left)
      await this.storage.remove(this.storage.join(this.workshop, name));
  }
}

function stagedName({ hash }: Plan): string {
  return hash.slice(0, HASH_DIGITS);
}

function workshopOf(storage: Storage, { schedule: { outputPath } }: Plan): string {
  return storage.join(storage.parentOf(outputPath), `.${storage.nameOf(outputPath)}.tensorweld`);
}

function broughtBack(file: string): TensorweldError {
  const message =
    "holds the model that a merge was replacing when it was stopped, and that is back in its place";
  const hint = "add --overwrite to replace it";
  return new TensorweldError("refused", [{ code: "output/exists", key: "output_path", file, message, hint }]);
}

function leftovers(file: string, isMine: boolean, resume: boolean): TensorweldError {
  const message = isMine
    ? "holds what this same merge did before it was stopped"
    : "holds what another merge into the same output did before it was stopped";
  const hint = isMine
    ? "add --resume to go on from there, or --overwrite to begin anew"
    : `${resume ? "only the same models, files and flags can be resumed: " : ""}add --overwrite to throw it away, or delete the folder`;
  return new TensorweldError("refused", [{ code: "output/staging-exists", file, message, hint }]);
}
