import type { Problem } from "../../errors.ts";
import type { MachineMemory } from "../../io/machine.ts";

/** The problem that a merge takes more memory than the machine has. */
export function memoryErrors(peakBytes: number, memory: MachineMemory | undefined): readonly Problem[] {
  if (memory === undefined || peakBytes <= memory.totalBytes) return [];
  return [problemOf(`takes ${peakBytes} bytes of memory, and this machine has ${memory.totalBytes}`)];
}

/** The warning that a merge takes more memory than is free now, though not more than the machine has. */
export function memoryWarnings(peakBytes: number, memory: MachineMemory | undefined): readonly Problem[] {
  if (memory?.availableBytes === undefined || peakBytes <= memory.availableBytes) return [];
  if (peakBytes > memory.totalBytes) return [];
  return [problemOf(`takes ${peakBytes} bytes of memory, and ${memory.availableBytes} are free now`)];
}

function problemOf(what: string): Problem {
  const hint = "lower --n_process or --max_memory, or end other programs";
  return { code: "check/memory", message: `the merge ${what}`, hint };
}
