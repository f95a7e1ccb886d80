#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import {
  check,
  devices,
  execute,
  explain,
  inspect,
  plan,
  readConfig,
  readRecipe,
  verify,
  version,
} from "../index.ts";
import { run } from "./run.ts";
import { terminalConsole } from "./terminal.ts";

/** What a shell gives a program that a signal ended: 128 and the signal's number. */
const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const;

// V8 asks for this at each collection, in workers too: its heap grows in smaller steps. Without it a merge of 10,000 tensors
// takes 35 MB more on Node 20 and 100 MB more on Node 24, to save milliseconds.
setFlagsFromString("--optimize-for-size");

const console = terminalConsole(process.stdout, process.stderr, process.env);
const stop = new AbortController();
let stoppedWith: number | undefined;

for (const [signal, code] of Object.entries(signalCodes)) {
  process.on(signal, () => {
    // Who asks a second time does not want to wait for the clearing up.
    if (stop.signal.aborted) process.exit(code);
    stoppedWith = code;
    console.err("stopping...");
    stop.abort();
  });
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `tensorweld inspect … | head` closes the pipe: what is left to print is wanted by nobody.
  if (error.code === "EPIPE") process.exit(0);
  console.err(`standard output cannot be written: ${error.message}`);
  process.exit(1);
});
// A merge goes on when nobody listens to its progress any more.
process.stderr.on("error", () => undefined);

const code = await run(process.argv.slice(2), {
  console,
  engine: { check, devices, execute, explain, inspect, plan, readConfig, readRecipe, verify },
  signal: stop.signal,
  version,
  debug: (process.env["TENSORWELD_DEBUG"] ?? "") !== "",
  now: () => performance.now(),
  // The system reports it in kilobytes of 1024 bytes.
  peakBytes: () => process.resourceUsage().maxRSS * 1024,
});
process.exitCode = code === signalCodes.SIGINT ? (stoppedWith ?? code) : code;
