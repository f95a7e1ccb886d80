import { type ChildProcess, spawn } from "node:child_process";

/** How a process ended, and what it said. */
export interface Ending {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** A merge in a process of its own. */
export class MergeProcess {
  readonly ending: Promise<Ending>;
  private readonly child: ChildProcess;

  /** @param program the path of the program's main file. */
  constructor(program: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [program, "merge", ...args, "--json", "--quiet"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { out: "", err: "" };
    this.child.stdout!.on("data", (text: Buffer) => (said.out += text.toString()));
    this.child.stderr!.on("data", (text: Buffer) => (said.err += text.toString()));
    this.ending = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code) => resolve({ code: code ?? undefined, ...said }));
    });
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
