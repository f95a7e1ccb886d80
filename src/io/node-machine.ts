import { availableParallelism, freemem, platform, totalmem } from "node:os";
import type { MachineMemory } from "./machine.ts";

/** Processor cores this process may use. */
export function availableCores(): number {
  return availableParallelism();
}

/** The memory this process may use; undefined where the system does not tell. */
export function machineMemory(): MachineMemory | undefined {
  const machineBytes = totalmem();
  if (machineBytes === 0) return undefined;
  // The control group's limit on Linux, of either version; 0 or some 2^64 when there is none.
  const limitBytes = process.constrainedMemory();
  const totalBytes = limitBytes > 0 ? Math.min(machineBytes, limitBytes) : machineBytes;
  // macOS takes memory for used that only keeps files at hand: it would seem full on every machine.
  if (platform() === "darwin") return { totalBytes };
  // On Linux this is MemAvailable, which counts what can be freed at once.
  return { totalBytes, availableBytes: Math.min(freemem(), totalBytes) };
}
