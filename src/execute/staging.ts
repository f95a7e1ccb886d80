import { encodeHeader } from "../formats/safetensors/write.ts";
import type { Storage } from "../io/storage.ts";
import type { Document, Plan } from "../plan/plan.ts";

/** The folder beside the output in which it is made, complete only when it takes the output's name. */
export class Staging {
  readonly folder: string;
  /** Paths of the shards being written, in the plan's order. */
  readonly shards: readonly string[];
  private readonly storage: Storage;
  private readonly plan: Plan;

  constructor(storage: Storage, plan: Plan) {
    this.storage = storage;
    this.plan = plan;
    this.folder = stagingFolder(storage, plan);
    this.shards = plan.shards.map(({ name }) => storage.join(this.folder, name));
  }

  /** Makes the folder, which no other merge then can. Throws `output/staging-exists`. */
  async claim(): Promise<void> {
    await this.storage.createFolder(this.folder);
  }

  /** Makes all shards at full length, their headers written. */
  async createShards(): Promise<void> {
    for (const [index, { header, size }] of this.plan.shards.entries()) {
      const path = this.shards[index]!;
      await this.storage.createFile(path, size);
      const sink = await this.storage.openSink(path);
      await sink.write(encodeHeader(header), 0);
      await sink.close();
    }
  }

  /** Writes the plan's documents and `more`, and copies the companions; returns the paths of all of them. */
  async addCompanions(more: readonly Document[]): Promise<readonly string[]> {
    const { companions } = this.plan;
    const documents = [...this.plan.documents, ...more];
    for (const { name, text } of documents) await this.storage.writeText(this.inside(name), text);
    for (const { name, from } of companions) await this.storage.copyFile(from, this.inside(name));
    return [...documents, ...companions].map(({ name }) => this.inside(name));
  }

  /** Gives the folder the output's name: from one moment to the next the output is there, whole. */
  async commit(): Promise<void> {
    await this.storage.commitFolder(this.folder, this.plan.schedule.outputPath);
  }

  async remove(): Promise<void> {
    await this.storage.remove(this.folder);
  }

  private inside(name: string): string {
    return this.storage.join(this.folder, name);
  }
}

/** The path of a plan's staging folder: hidden, beside the output, on the same device, named by the plan's hash. */
function stagingFolder(storage: Storage, { hash, schedule }: Pick<Plan, "hash" | "schedule">): string {
  const { outputPath } = schedule;
  const name = `.${storage.nameOf(outputPath)}.tensorweld-${hash.slice(0, 12)}`;
  return storage.join(storage.parentOf(outputPath), name);
}
