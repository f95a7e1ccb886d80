import type { Storage } from "../io/storage.ts";

/** Names in the workshop of an output that stepped aside, and of one that is being deleted. */
const REPLACED = "replaced";
const DISCARDED = "discarded";

/** An old output that steps aside for a new one: where it is meanwhile, and how it comes back or goes. */
export class ReplacedOutput {
  /** Where it goes to just before the new one gets its name. */
  readonly path: string;
  private readonly storage: Storage;
  private readonly outputPath: string;
  private readonly discarded: string;

  /** @param workshop the hidden folder that it is kept in meanwhile. */
  constructor(storage: Storage, workshop: string, outputPath: string) {
    this.storage = storage;
    this.outputPath = outputPath;
    this.path = storage.join(workshop, REPLACED);
    this.discarded = storage.join(workshop, DISCARDED);
  }

  /**
   * Puts things right after a merge that was killed: when the new output had no name yet, the old one gets its own back;
   * else it is deleted. Resolves to whether it is back.
   */
  async settle(): Promise<boolean> {
    const isAside = (await this.storage.look(this.path)) !== undefined;
    if (isAside && !(await this.isTaken())) {
      await this.storage.commitFolder(this.path, this.outputPath);
      return true;
    }
    await this.delete();
    return false;
  }

  /** Deletes it; under another name, since what is deleted in part must never come back. */
  async delete(): Promise<void> {
    const { storage, path, discarded } = this;
    await storage.remove(discarded);
    if ((await storage.look(path)) === undefined) return;
    await storage.commitFolder(path, discarded);
    await storage.remove(discarded);
  }

  /** Whether there is more at the output's path than an empty folder. */
  private async isTaken(): Promise<boolean> {
    const entry = await this.storage.look(this.outputPath);
    if (entry === undefined) return false;
    return entry.kind !== "folder" || (await this.storage.list(this.outputPath)).length > 0;
  }
}
