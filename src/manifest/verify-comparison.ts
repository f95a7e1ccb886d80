import type { Problem } from "../errors.ts";
import type { TensorInfo } from "../formats/checkpoint.ts";
import { describeFew } from "../formats/describe-few.ts";
import { shorten } from "../formats/describe-json.ts";
import { claims, type WeightPrefix, weightPrefixes } from "../formats/format.ts";
import { formats, openCheckpoint } from "../formats/index.ts";
import { type ProblemList, problemList } from "../formats/problem-list.ts";
import type { ByteSource } from "../io/source.ts";
import type { Storage } from "../io/storage.ts";
import { createBlockHasher } from "../kernels/hashes/wasm.ts";
import { hashFile } from "./hash-source.ts";
import { type Manifest, MANIFEST_NAME } from "./manifest.ts";
import type { Findings } from "./verify-findings.ts";
import type { VerifyCount } from "./verify-progress.ts";
import { TensorReader } from "./verify-tensor.ts";

/** Digits of a hash that a message shows: enough to tell two apart. */
const SHOWN_DIGITS = 12;

type RecordedTensor = Manifest["tensors"][string];

/** Compares an output with its manifest: files, shards, tensors, and what is there besides. */
export class Comparison {
  private readonly storage: Storage;
  private readonly folder: string;
  private readonly manifest: Manifest;
  private readonly count: VerifyCount;
  private readonly found: Findings;
  private readonly hasher = createBlockHasher();
  private readonly reader = new TensorReader();
  /** Tensors of the manifest that were met in no shard so far. */
  private readonly unmet: Map<string, RecordedTensor>;

  constructor(storage: Storage, folder: string, manifest: Manifest, count: VerifyCount, found: Findings) {
    this.storage = storage;
    this.folder = folder;
    this.manifest = manifest;
    this.count = count;
    this.found = found;
    this.unmet = new Map(Object.entries(manifest.tensors));
  }

  /** Compares everything; what differs is among the findings. @throws TensorweldError `interrupted`. */
  async run(): Promise<void> {
    const { files, shards } = this.manifest;
    // Only what the folder lists is opened: names in a manifest may say anything, `../../secret` too.
    const names = new Set(await this.storage.list(this.folder));
    for (const [name, file] of Object.entries(files)) {
      if (this.isThere(names, name, file.bytes)) await this.found.attempt(() => this.compareFile(name, file));
    }
    let areMet = true;
    for (const [name, shard] of Object.entries(shards)) {
      const isThere = this.isThere(names, name, shard.bytes);
      const isMet = isThere && (await this.found.attempt(() => this.compareShard(name, shard)));
      areMet &&= isMet === true;
    }
    this.noteUnmet(areMet);
    this.noteStrangers([...names].filter((name) => !this.isKnown(name)));
    // Of files that are not what was written there is no need to say that they do not fit together.
    if (this.found.problems.length === 0) await this.found.attempt(() => this.readAsWhole());
  }

  private isThere(names: ReadonlySet<string>, name: string, bytes: number): boolean {
    if (names.has(name)) return true;
    this.add({ code: "verify/missing", message: `is missing; ${bytes} bytes were written` }, name);
    return false;
  }

  private async compareFile(name: string, recorded: Manifest["files"][string]): Promise<void> {
    const path = this.storage.join(this.folder, name);
    if (!(await this.hasLength(name, recorded.bytes))) return;
    const { bytes, hash } = await hashFile(this.storage, path, this.hasher);
    if (hash !== recorded.hash)
      this.add({ code: "verify/file", message: differs(hash, recorded.hash) }, name);
    this.found.files++;
    await this.count.moved(bytes);
  }

  /** Compares a shard; whether its tensors were met. */
  private async compareShard(name: string, recorded: Manifest["shards"][string]): Promise<boolean> {
    const path = this.storage.join(this.folder, name);
    if (!(await this.hasLength(name, recorded.bytes))) return false;
    const checkpoint = await openCheckpoint(this.storage, path, this.prefix);
    const tensors = [...checkpoint.tensors.values()].toSorted((a, b) => a.offset - b.offset);
    const headerBytes = tensors[0]?.offset ?? recorded.bytes;
    const { hash } = await hashFile(this.storage, path, this.hasher, headerBytes);
    await this.count.moved(headerBytes);
    if (hash !== recorded.header) {
      const message = `its header ${differs(hash, recorded.header)}; so its tensors were not compared`;
      this.add({ code: "verify/header", message }, name);
      return false;
    }
    const source = await this.storage.open(path);
    const problems = problemList(path);
    try {
      for (const tensor of tensors) await this.compareTensor(source, tensor, problems);
    } finally {
      await source.close();
      this.found.problems.push(...problems.all());
    }
    this.found.files++;
    return true;
  }

  private async compareTensor(source: ByteSource, tensor: TensorInfo, problems: ProblemList): Promise<void> {
    const recorded = this.unmet.get(tensor.name);
    if (recorded === undefined) {
      const message = `is a tensor here, and ${MANIFEST_NAME} does not know it`;
      problems.add({ code: "verify/unknown", tensor: tensor.name, message });
      return;
    }
    this.unmet.delete(tensor.name);
    const contents = await this.reader.read(source, tensor, (bytes) => this.count.moved(bytes));
    const { hash, nonFinite } = contents;
    if (hash !== recorded.hash)
      problems.add({ code: "verify/tensor", tensor: tensor.name, message: differs(hash, recorded.hash) });
    if (recorded.nonFinite !== undefined && nonFinite !== recorded.nonFinite) {
      const message = `elements that are NaN or infinite: ${nonFinite ?? "unknown"} here, ${recorded.nonFinite} when it was written`;
      problems.add({ code: "verify/non-finite", tensor: tensor.name, message });
    }
    this.found.counted(tensor.name, contents, recorded.nonFinite);
    this.count.tensorDone();
  }

  private async hasLength(name: string, wanted: number): Promise<boolean> {
    const entry = await this.storage.look(this.storage.join(this.folder, name));
    if (entry?.kind !== "file" || entry.size === wanted) return true;
    this.add({ code: "verify/file", message: `is ${entry.size} bytes long; ${wanted} were written` }, name);
    return false;
  }

  /** Tells of tensors that were in no shard. @param areMet whether all shards could be looked into. */
  private noteUnmet(areMet: boolean): void {
    if (this.unmet.size === 0) return;
    if (!areMet) {
      const { size } = this.unmet;
      this.found.notices.push(`Tensors that were not compared, because their shards are damaged: ${size}`);
      return;
    }
    const problems = problemList(this.storage.join(this.folder, MANIFEST_NAME));
    for (const tensor of this.unmet.keys()) {
      problems.add({ code: "verify/missing", tensor, message: "was written, and no weight file holds it" });
    }
    this.found.problems.push(...problems.all());
  }

  private noteStrangers(names: readonly string[]): void {
    const isWeights = (name: string): boolean => formats.some((format) => claims(format, name));
    for (const name of names.filter(isWeights)) {
      const message = "is a weight file that the merge did not write";
      const hint = "remove it: a program that loads the model may take it for a part of it";
      this.add({ code: "verify/unknown", message, hint }, name);
    }
    const others = names.filter((name) => !isWeights(name));
    if (others.length === 0) return;
    const shown = describeFew(others, (name) => JSON.stringify(shorten(name)));
    this.found.notices.push(`The merge did not write, and so nothing is known about: ${shown}`);
  }

  /** Opens the output as every program does that loads it, with all checks of its structure. */
  private async readAsWhole(): Promise<void> {
    const { notices } = await openCheckpoint(this.storage, this.folder, this.prefix);
    this.found.notices.push(...notices);
  }

  /** What the names of all shards begin with. */
  private get prefix(): WeightPrefix {
    const names = Object.keys(this.manifest.shards);
    return weightPrefixes.find((prefix) => names.every((name) => name.startsWith(prefix))) ?? "model";
  }

  private isKnown(name: string): boolean {
    const { files, shards } = this.manifest;
    return name === MANIFEST_NAME || Object.hasOwn(files, name) || Object.hasOwn(shards, name);
  }

  private add(problem: Omit<Problem, "file">, name: string): void {
    this.found.problems.push({ ...problem, file: this.storage.join(this.folder, shorten(name)) });
  }
}

function differs(found: string, recorded: string): string {
  const [is, was] = [found, recorded].map((hash) => `${hash.slice(0, SHOWN_DIGITS)}…`);
  return `is not what was written: its hash is ${is}, and was ${was}`;
}
