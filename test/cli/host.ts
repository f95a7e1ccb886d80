import type { Console } from "../../src/cli/console.ts";
import type { Engine, Host } from "../../src/cli/host.ts";
import { paintFor } from "../../src/cli/paint.ts";
import { run } from "../../src/cli/run.ts";

/** What a command line printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Every content that the status line had. */
  readonly statuses: readonly string[];
}

export interface Surroundings {
  readonly engine?: Partial<Engine>;
  readonly tty?: boolean;
  readonly width?: number;
  readonly debug?: boolean;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/** Runs a command line without a process; what it is not given of the engine must not be asked for. */
export async function runLine(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { console, printed } = recordingConsole(surroundings);
  const unexpected = (): never => {
    throw new Error("the engine was not expected to run");
  };
  const engine = {
    plan: unexpected,
    check: unexpected,
    execute: unexpected,
    inspect: unexpected,
    verify: unexpected,
    explain: unexpected,
    devices: unexpected,
    readConfig: unexpected,
    readRecipe: unexpected,
  };
  const host: Host = {
    console,
    engine: { ...engine, ...surroundings.engine },
    signal: surroundings.signal ?? new AbortController().signal,
    version: "1.2.3",
    debug: surroundings.debug ?? false,
    now: surroundings.now ?? (() => 0),
    peakBytes: () => 231_000_000,
  };
  const code = await run(args, host);
  return { code, ...printed() };
}

function recordingConsole({ tty = false, width = 100 }: Surroundings): {
  readonly console: Console;
  readonly printed: () => Omit<Outcome, "code">;
} {
  const out: string[] = [];
  const err: string[] = [];
  const statuses: string[] = [];
  const console: Console = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    status: (line) => void statuses.push(line),
    tty,
    width,
    outPaint: paintFor(false),
    errPaint: paintFor(false),
  };
  return { console, printed: () => ({ out: out.join("\n"), err: err.join("\n"), statuses }) };
}
