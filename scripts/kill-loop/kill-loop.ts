import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { Chance } from "./chance.ts";
import { type Course, Experiment, MAX_WORKERS, reportOf, type Subject, workFlags } from "./experiment.ts";
import { areSame, contentsOf, type FolderContents } from "./folder-contents.ts";
import { MergeProcess } from "./merge-process.ts";
import { writeModel } from "./models.ts";

const methods = ["linear", "slerp", "ties", "della", "della_linear", "dare_linear", "dare_ties"] as const;

/** How likely a merge replaces an old output. */
const OVERWRITES = 0.3;

export interface KillLoopOptions {
  /** How many merges are killed, at least once each. */
  readonly merges: number;
  /** What all choices follow from, but for the exact moments of the kills. */
  readonly seed: number;
  /** Where everything is made, and deleted at the end. */
  readonly parent: string;
  /** Path of the program's main file. */
  readonly program: string;
  /** Told of each merge. */
  readonly log?: (line: string) => void;
}

/** What came of all merges together. */
export interface KillLoopResult {
  readonly merges: number;
  /** Kills by how far the merge was. */
  readonly kills: Readonly<Record<string, number>>;
  readonly journaledPieces: number;
  readonly resumedPieces: number;
  readonly violations: readonly string[];
}

/** Kills merges of all methods, with 1 to 4 workers, at random moments, and resumes them. */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopResult> {
  const { merges, seed, parent, log } = options;
  const folder = mkdtempSync(join(parent, "tensorweld-kill-"));
  const chance = new Chance(seed);
  const inputs = ["a", "b", "base"].map((name) => join(folder, name));
  inputs.forEach((input, index) => writeModel(input, seed + index));
  const before = inputs.map(contentsOf);
  const references = new References(options.program, inputs, folder);
  const courses: Course[] = [];
  const violations: string[] = [];
  try {
    for (const { method, workers } of casesFor(merges, chance)) {
      const old = chance.happens(OVERWRITES) ? await references.old() : undefined;
      const subject = { ...(await references.of(method)), old };
      const course = await new Experiment(subject, workers, folder, chance).run();
      courses.push(course);
      const title = `${method}, ${workers} workers${old === undefined ? "" : ", overwriting"}`;
      violations.push(...course.violations.map((violation) => `${title}: ${violation}`));
      log?.(`${title}: ${[...course.kills, ...course.violations].join("; ")}`);
    }
    const areUntouched = inputs.every((input, index) => areSame(contentsOf(input), before[index]));
    if (!areUntouched) violations.push("the inputs were changed");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    merges: courses.length,
    kills: counted(courses.flatMap(({ kills }) => kills)),
    journaledPieces: sum(courses.map(({ journaled }) => journaled)),
    resumedPieces: sum(courses.map(({ resumed }) => resumed)),
    violations,
  };
}

/** Every method with every number of workers in random order, over and over. */
function casesFor(
  count: number,
  chance: Chance,
): readonly { readonly method: string; readonly workers: number }[] {
  const all = methods.flatMap((method) =>
    Array.from({ length: MAX_WORKERS }, (_, index) => ({ method, workers: index + 1 })),
  );
  const rounds = Math.ceil(count / all.length);
  return Array.from({ length: rounds }, () => chance.shuffled(all))
    .flat()
    .slice(0, count);
}

/** Merges that nobody interferes with, each made once. */
class References {
  private readonly program: string;
  private readonly inputs: readonly string[];
  private readonly folder: string;
  private readonly made = new Map<string, Promise<Omit<Subject, "old">>>();

  constructor(program: string, inputs: readonly string[], folder: string) {
    this.program = program;
    this.inputs = inputs;
    this.folder = folder;
  }

  async of(method: string): Promise<Omit<Subject, "old">> {
    const [a, b, base] = this.inputs as readonly [string, string, string];
    return this.once(["--merge_method", method, "--model_path_list", a, b, "--base_model_path", base]);
  }

  /** An output of an earlier merge, other than all the others. */
  async old(): Promise<FolderContents> {
    const [a, b] = this.inputs as readonly [string, string, string];
    return (await this.once(["--weight_list", "1", "2", "--model_path_list", a, b])).reference;
  }

  private async once(flags: readonly string[]): Promise<Omit<Subject, "old">> {
    const key = flags.join(" ");
    const made = this.made.get(key) ?? this.make(flags);
    this.made.set(key, made);
    return made;
  }

  private async make(flags: readonly string[]): Promise<Omit<Subject, "old">> {
    // The output's name stands in its model card: that of all outputs is the same.
    const output = join(mkdtempSync(join(this.folder, "reference-")), "out");
    const start = performance.now();
    const ending = await new MergeProcess(this.program, [...flags, ...workFlags(output, 1)]).ending;
    const milliseconds = performance.now() - start;
    const reference = contentsOf(output);
    const report = reportOf(ending);
    if (report === undefined || reference === undefined)
      throw new Error(`a merge failed: ${ending.out}${ending.err}`);
    return { program: this.program, flags, reference, pieces: report.pieces, milliseconds };
  }
}

function counted(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
