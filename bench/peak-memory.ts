import { spawnSync } from "node:child_process";

/** Writes to file descriptor 3 the most that the process ever held, as Linux counts it. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeSync } from "node:fs";
  import { isMainThread } from "node:worker_threads";
  const tell = () => writeSync(3, /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  if (isMainThread) process.on("exit", tell);
`)}`;

/**
 * The most bytes that a run of Node with these arguments holds: on Linux only. What `resourceUsage` of the program itself says
 * would count the process that starts it, too. Throws when it fails.
 */
export function peakBytes(node: string, args: readonly string[]): number {
  const { status, stderr, output, error } = spawnSync(node, ["--import", TELL_PEAK, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  if (status !== 0) throw new Error(`${node} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
  return Number(output[3]) * 1024;
}
