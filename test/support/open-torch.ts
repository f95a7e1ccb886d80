import type { Checkpoint } from "../../src/formats/checkpoint.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { memoryStorage } from "./memory-storage.ts";

/** The checkpoint that a single file holds, `/m/x.pt`. */
export async function openTorch(file: Uint8Array): Promise<Checkpoint> {
  return openCheckpoint(memoryStorage(new Map([["/m/x.pt", file]])), "/m/x.pt", "model");
}
